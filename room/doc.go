// Package room is one room of two players as a pure machine. A State is the
// fold of its Events; Decide says which events a Command causes, or refuses it;
// Apply makes an event part of the state. Nothing here asks for the time, makes
// a random number, stores or sends anything: whoever calls hands in the time
// and whatever depends on chance, and keeps what comes out.
package room

package socket

import (
	"encoding/binary"

	"github.com/gobwas/ws"
)

// An input makes frames of bytes that come in pieces of any size. It keeps bytes
// only while a frame or a message is incomplete, so an idle socket holds none.
type input struct {
	state   ws.State
	broken  bool   // the peer broke the protocol: what it sends is not looked at any more
	skip    int64  // bytes of a payload that was not accepted
	pending []byte // the beginning of a frame
	message []byte // of a fragmented message, what has come so far
}

// A sink is told of what an input reads.
type sink interface {
	accept(h ws.Header, sofar int) bool                        // is the payload of a data frame wanted?
	deliver(message []byte)                                    // a whole message
	chatter()                                                  // a frame that brings none
	control(op ws.OpCode, payload []byte) (end bool, code int) // a control frame; the end is a close frame
	protocolError()
}

// take reads what has come, unmasking it where it lies. It reports whether a
// close frame was the end, and its code.
func (in *input) take(b []byte, to sink) (end bool, code int) {
	if len(in.pending) > 0 {
		in.pending = append(in.pending, b...)
		b = in.pending
	}
	for !in.broken {
		if in.skip > 0 {
			n := min(in.skip, int64(len(b)))
			b, in.skip = b[n:], in.skip-n
		}
		h, size, ok := parseHeader(b)
		if !ok {
			break
		}
		if h.Length < 0 || ws.CheckHeader(h, in.state) != nil {
			in.broken = true
			to.protocolError()
			break
		}
		if !h.OpCode.IsControl() && !to.accept(h, len(in.message)) {
			in.fragment(h)
			b, in.skip = b[size:], h.Length
			continue
		}
		if int64(len(b)-size) < h.Length {
			break
		}
		payload := b[size : size+int(h.Length)]
		b = b[size+int(h.Length):]
		if h.Masked {
			ws.Cipher(payload, h.Mask, 0)
		}
		if h.OpCode.IsControl() || !h.Fin || h.OpCode == ws.OpContinuation {
			to.chatter()
		}
		if h.OpCode.IsControl() {
			if end, code := to.control(h.OpCode, payload); end {
				in.broken = true
				return true, code
			}
			continue
		}
		in.data(h, payload, to)
	}
	in.keep(b)
	return false, 0
}

// data is a frame of a message.
func (in *input) data(h ws.Header, payload []byte, to sink) {
	whole := h.Fin && !in.state.Fragmented()
	in.fragment(h)
	if whole { // as nearly all are: it need not be copied
		to.deliver(payload)
		return
	}
	in.message = append(in.message, payload...)
	if h.Fin {
		to.deliver(in.message)
		in.message = nil
	}
}

// fragment notes whether more of a message is to come.
func (in *input) fragment(h ws.Header) {
	if h.Fin {
		in.state = in.state.Clear(ws.StateFragmented)
	} else {
		in.state = in.state.Set(ws.StateFragmented)
	}
}

func (in *input) keep(b []byte) {
	if len(b) == 0 || in.broken {
		in.pending = nil
		return
	}
	if cap(in.pending) > keepAtMost && len(b) <= keepAtMost {
		in.pending = nil // it grew by a chunk that has been read
	}
	in.pending = append(in.pending[:0], b...)
}

// keepAtMost is how large a buffer is kept for the beginning of a frame.
const keepAtMost = 2 << 10

// parseHeader reads the header of a frame (RFC 6455, section 5.2) and returns
// its size; ok is false if it is not all there. A length beyond 63 bits is
// negative.
func parseHeader(b []byte) (h ws.Header, size int, ok bool) {
	if len(b) < 2 {
		return h, 0, false
	}
	h.Fin, h.Rsv, h.OpCode = b[0]&0x80 != 0, b[0]>>4&0x7, ws.OpCode(b[0]&0xf)
	h.Masked, h.Length, size = b[1]&0x80 != 0, int64(b[1]&0x7f), 2
	switch h.Length {
	case 126:
		size = 4
	case 127:
		size = 10
	}
	if h.Masked {
		size += 4
	}
	if len(b) < size {
		return h, 0, false
	}
	switch h.Length {
	case 126:
		h.Length = int64(binary.BigEndian.Uint16(b[2:]))
	case 127:
		h.Length = int64(binary.BigEndian.Uint64(b[2:]))
	}
	if h.Masked {
		copy(h.Mask[:], b[size-4:])
	}
	return h, size, true
}

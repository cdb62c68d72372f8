// The shapes that travel between the modules. Types only: no page loads this file.

/** @typedef {'X' | 'O'} Mark */
/** @typedef {'host' | 'guest'} Seated */
/** @typedef {Seated | 'spectator'} Role */

/**
 * @typedef {object} Player
 * @property {string} name
 * @property {Mark} mark
 * @property {boolean} online
 * @property {number} wins
 * @property {boolean} rematch
 * @property {number} [back_in_ms]
 * @property {string} [computer]  the level at which the computer plays here
 */

/**
 * The whole room, as the server tells it.
 * @typedef {object} View
 * @property {'view'} type
 * @property {string} code
 * @property {number} rev
 * @property {'waiting' | 'playing' | 'over'} phase
 * @property {number} round
 * @property {number} ply
 * @property {string} board
 * @property {Mark | ''} turn
 * @property {Mark | ''} winner
 * @property {number[]} line
 * @property {'' | 'line' | 'draw' | 'resign' | 'left' | 'clock'} ended
 * @property {Player} host
 * @property {Player | null} guest
 * @property {number} draws
 * @property {number} watching
 * @property {number} [turn_seconds]  the room has a clock
 * @property {number} [turn_ms]       what is left to the player to move, from when the view was sent
 * @property {boolean} [rated]        a room of quick match
 * @property {string} [round_id]      of the round that is over
 */

/** @typedef {{type: 'welcome', you: Role}} Welcome */
/** @typedef {{type: 'refused', code: string, re?: string, id?: string | number}} Refused */
/** @typedef {{type: 'closed', reason: string}} Closed */
/** @typedef {{type: 'pong', t?: number}} Pong */
/** @typedef {{type: 'reacted', by: Seated, emoji: string}} Reacted */
/** @typedef {Welcome | View | Refused | Closed | Pong | Reacted} ServerMessage */
/** @typedef {{type: string, [field: string]: unknown}} ClientMessage */

/**
 * A seat as the browser keeps it. `used` is when it was last played from.
 * @typedef {{seat: string, you: Seated, name: string, used: number}} Seat
 */

/**
 * The board as a tab last saw it: what was played last is worked out from it after a refresh.
 * @typedef {{round: number, ply: number, board: string, last: number}} Seen
 */

/** What the page knows about its own line to the server.
 * @typedef {'connecting' | 'open' | 'lost' | 'broken'} Link */

/** A move that was pressed and that no view has confirmed yet.
 * @typedef {{cell: number, mark: Mark, round: number, ply: number}} Pending */

/** A player's gesture, and when it came, by this machine's clock.
 * @typedef {{emoji: string, at: number}} Gesture */

/**
 * Everything the page knows about the room it is in.
 * @typedef {object} Game
 * @property {string} code
 * @property {Link} link
 * @property {Role | null} you
 * @property {View | null} view
 * @property {Seen | null} seen     the board that an earlier page of this tab saw
 * @property {number} seenAt        when the view came, by this machine's clock
 * @property {{host: number, guest: number}} awaySince
 * @property {number} last          the cell of the last move, -1 if unknown
 * @property {Pending | null} pending
 * @property {number} asking        the round after which we asked for a rematch
 * @property {number} resigning     the round that we are giving up
 * @property {boolean} leaving
 * @property {string} refusal       why the last command changed nothing
 * @property {string} parted        who left the seat that is free now
 * @property {string} closed        why the room is gone
 * @property {{host: Gesture | null, guest: Gesture | null}} gestures  the newest of each
 * @property {number} quietUntil    before this moment no gesture of ours
 */

/** @typedef {'here' | 'away' | 'left'} Presence */

export {};

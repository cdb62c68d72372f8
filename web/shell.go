package web

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"hash/crc32"
	"slices"
)

// A shell is a page with a gap in it, into which something else is put for each
// who asks. Both ends are compressed once, and what is put between them stands
// there as it is: to compress the page anew would take more than all else.
type shell struct {
	contentType            string
	head, tail             []byte
	zippedHead, zippedTail []byte // DEFLATE blocks that end with a whole byte
}

func newShell(name string, body []byte, gap string) shell {
	head, tail, _ := bytes.Cut(body, []byte(gap))
	return shell{
		contentType: contentType(name), head: head, tail: tail,
		zippedHead: deflate(head, (*flate.Writer).Flush), zippedTail: deflate(tail, (*flate.Writer).Close),
	}
}

func deflate(part []byte, end func(*flate.Writer) error) []byte {
	var zipped bytes.Buffer
	z, _ := flate.NewWriter(&zipped, flate.BestCompression) // the level is right
	_, _ = z.Write(part)                                    // into memory
	_ = end(z)
	return zipped.Bytes()
}

// with is the page with something in its gap, 64 KiB at the most.
func (s shell) with(between []byte) file {
	plain := slices.Concat(s.head, between, s.tail)
	zipped := make([]byte, 0, len(s.zippedHead)+len(between)+len(s.zippedTail)+32)
	zipped = append(zipped, 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 255) // RFC 1952: gzip of DEFLATE, no name, no time
	zipped = append(zipped, s.zippedHead...)
	zipped = append(zipped, 0) // RFC 1951: a block that is not the last, stored
	zipped = binary.LittleEndian.AppendUint16(zipped, uint16(len(between)))
	zipped = binary.LittleEndian.AppendUint16(zipped, ^uint16(len(between)))
	zipped = append(zipped, between...)
	zipped = append(zipped, s.zippedTail...)
	zipped = binary.LittleEndian.AppendUint32(zipped, crc32.ChecksumIEEE(plain))
	zipped = binary.LittleEndian.AppendUint32(zipped, uint32(len(plain)))
	return file{contentType: s.contentType, plain: plain, zipped: zipped}
}

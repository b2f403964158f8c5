// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.benchmarks.peer.mvc;

import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** Large bodies, written and read in pieces of 64 KiB. */
@RestController
class BulkController {

    private static final int PIECE = 64 << 10;

    @GetMapping("/bulk")
    void send(@RequestParam int mib, OutputStream out) throws IOException {
        byte[] piece = new byte[PIECE];
        for (long left = (long) mib << 20; left > 0; left -= piece.length) {
            out.write(piece);
        }
    }

    /** Answers with the number of bytes that came. */
    @PostMapping(path = "/bulk", produces = MediaType.TEXT_PLAIN_VALUE)
    String receive(InputStream in) throws IOException {
        byte[] piece = new byte[PIECE];
        long count = 0;
        for (int n = in.read(piece); n >= 0; n = in.read(piece)) {
            count += n;
        }
        return Long.toString(count);
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.sample.basics;

import jakarta.servlet.http.HttpServletResponse;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.PositiveOrZero;

import org.springframework.http.ContentDisposition;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.util.unit.DataSize;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

import java.io.IOException;

/** A large answer that is made while it is sent: a slow reader blocks the handler, not the server. */
@RestController
class DownloadController {

    private static final long MAX_MB = 10_240;

    @GetMapping("/download")
    void download(
            @RequestParam(defaultValue = "100") @PositiveOrZero @Max(MAX_MB) long mb,
            HttpServletResponse response)
            throws IOException {
        long bytes = DataSize.ofMegabytes(mb).toBytes();
        response.setContentType(MediaType.TEXT_PLAIN_VALUE);
        response.setContentLengthLong(bytes);
        response.setHeader(
                HttpHeaders.CONTENT_DISPOSITION,
                ContentDisposition.attachment().filename(mb + "mb.txt").build().toString());
        NumberedLines.write(response.getOutputStream(), bytes);
    }
}

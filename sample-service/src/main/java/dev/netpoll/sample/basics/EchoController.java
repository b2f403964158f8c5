// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.sample.basics;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

import java.io.IOException;

/**
 * Sends a request's body back while it is still arriving, whatever its length: no more than one
 * copy buffer of it is ever held.
 */
@RestController
class EchoController {

    /*
     * The answer names no length, even where the request did: Tomcat ends an answer, and closes the
     * request's body with it, as soon as the length is reached, before the copy has seen the end.
     */
    @PostMapping("/echo")
    void echo(HttpServletRequest request, HttpServletResponse response) throws IOException {
        String type = request.getContentType();
        response.setContentType(type == null ? MediaType.APPLICATION_OCTET_STREAM_VALUE : type);
        request.getInputStream().transferTo(response.getOutputStream());
    }
}

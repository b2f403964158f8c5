// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.sample.basics;

import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** The two short answers that every benchmark asks for. */
@RestController
class GreetingController {

    private static final String GREETING = "Hello, World!";

    @GetMapping(path = "/hello", produces = MediaType.TEXT_PLAIN_VALUE)
    String hello() {
        return GREETING;
    }

    @GetMapping(path = "/json", produces = MediaType.APPLICATION_JSON_VALUE)
    Greeting json() {
        return new Greeting(GREETING);
    }

    record Greeting(String message) {}
}

// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.benchmarks.peer.mvc;

import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

import java.time.Duration;

@RestController
class AnswerController {

    @GetMapping(path = "/hello", produces = MediaType.TEXT_PLAIN_VALUE)
    String hello() {
        return "Hello, World!";
    }

    @GetMapping(path = "/json", produces = MediaType.APPLICATION_JSON_VALUE)
    Message json() {
        return new Message("Hello, World!");
    }

    /** Blocks its thread, as a slow query would. */
    @GetMapping(path = "/sleep", produces = MediaType.TEXT_PLAIN_VALUE)
    String sleep(@RequestParam long ms) throws InterruptedException {
        Thread.sleep(Duration.ofMillis(ms));
        return "slept";
    }

    record Message(String message) {}
}

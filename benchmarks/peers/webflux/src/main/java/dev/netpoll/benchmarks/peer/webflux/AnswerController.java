// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.benchmarks.peer.webflux;

import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

import reactor.core.publisher.Mono;

import java.time.Duration;

@RestController
class AnswerController {

    @GetMapping(path = "/hello", produces = MediaType.TEXT_PLAIN_VALUE)
    Mono<String> hello() {
        return Mono.just("Hello, World!");
    }

    @GetMapping(path = "/json", produces = MediaType.APPLICATION_JSON_VALUE)
    Mono<Message> json() {
        return Mono.just(new Message("Hello, World!"));
    }

    /** Waits by a timer: the best a WebFlux user can do, and more than blocking code may ask for. */
    @GetMapping(path = "/sleep", produces = MediaType.TEXT_PLAIN_VALUE)
    Mono<String> sleep(@RequestParam long ms) {
        return Mono.delay(Duration.ofMillis(ms)).thenReturn("slept");
    }

    record Message(String message) {}
}

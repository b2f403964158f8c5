// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.benchmarks.peer.webflux;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.reactive.function.client.WebClient;

import reactor.core.publisher.Mono;

/** Asks another service and returns its answer; compare.sh starts that service. */
@RestController
class DownstreamController {

    private final WebClient client;

    DownstreamController(WebClient.Builder builder, @Value("${downstream.url}") String url) {
        this.client = builder.baseUrl(url).build();
    }

    @GetMapping(path = "/downstream", produces = MediaType.APPLICATION_JSON_VALUE)
    Mono<Message> message() {
        return client.get().uri("/json").retrieve().bodyToMono(Message.class);
    }

    record Message(String message) {}
}

// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.benchmarks.peer.mvc;

import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.client.RestClient;

/** Asks another service and returns its answer; compare.sh starts that service. */
@RestController
class DownstreamController {

    private final RestClient client;

    DownstreamController(RestClient.Builder builder, @Value("${downstream.url}") String url) {
        this.client = builder.baseUrl(url).build();
    }

    @GetMapping(path = "/downstream", produces = MediaType.APPLICATION_JSON_VALUE)
    @Nullable Message message() {
        return client.get().uri("/json").retrieve().body(Message.class);
    }

    record Message(String message) {}
}

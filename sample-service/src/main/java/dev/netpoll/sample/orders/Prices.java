// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.sample.orders;

import dev.netpoll.context.task.ForkedTask;
import dev.netpoll.context.task.TaskGroup;

import org.springframework.stereotype.Component;
import org.springframework.web.client.RestClient;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Asks the price service, for several articles at once. */
@Component
class Prices {

    private static final int AT_ONCE = 4;

    private final RestClient client;

    Prices(RestClient.Builder builder, PriceService service) {
        this.client = builder.baseUrl(service.url()).build();
    }

    /**
     * The price of each article in cents. The first failure cancels the other calls, and so does the end
     * of the request.
     */
    Map<String, Long> of(List<String> skus, long delayMs) throws InterruptedException {
        try (TaskGroup group = TaskGroup.open().limit(AT_ONCE)) {
            Map<String, ForkedTask<Long>> asked = new LinkedHashMap<>();
            for (String sku : skus) {
                asked.computeIfAbsent(sku, s -> group.fork(() -> one(s, delayMs)));
            }
            group.join();
            Map<String, Long> prices = new LinkedHashMap<>();
            asked.forEach((sku, task) -> prices.put(sku, task.result()));
            return prices;
        }
    }

    private Long one(String sku, long delayMs) {
        Long price =
                client.get()
                        .uri("/prices/{sku}?delayMs={delay}", sku, delayMs)
                        .retrieve()
                        .body(Long.class);
        if (price == null) {
            throw new IllegalStateException("The price service knows no price of " + sku);
        }
        return price;
    }
}

package dev.netpoll.autoconfigure.context;

import dev.netpoll.context.http.ContextExchangeFilter;
import dev.netpoll.context.http.HttpSettings;

import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.web.reactive.function.client.WebClient;

import java.util.function.Supplier;

/** Puts {@code WebClient} beans and builders under the current context, whoever made them. */
record WebClientBeans(Supplier<HttpSettings> settings) implements BeanPostProcessor {

    @Override
    public Object postProcessAfterInitialization(Object bean, String name) {
        if (bean instanceof WebClient.Builder builder) {
            addFilter(builder, settings.get());
        } else if (bean instanceof WebClient client) {
            WebClient.Builder builder = client.mutate();
            return addFilter(builder, settings.get()) ? builder.build() : client;
        }
        return bean;
    }

    /** Adds the filter, unless it is there. */
    static boolean addFilter(WebClient.Builder builder, HttpSettings settings) {
        boolean[] added = new boolean[1];
        builder.filters(
                filters -> {
                    if (filters.stream().noneMatch(ContextExchangeFilter.class::isInstance)) {
                        filters.add(new ContextExchangeFilter(settings));
                        added[0] = true;
                    }
                });
        return added[0];
    }
}

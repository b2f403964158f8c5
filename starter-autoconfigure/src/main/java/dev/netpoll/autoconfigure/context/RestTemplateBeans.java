package dev.netpoll.autoconfigure.context;

import dev.netpoll.context.http.ContextHttpRequestFactory;
import dev.netpoll.context.http.HttpSettings;

import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.http.client.ClientHttpRequestInterceptor;
import org.springframework.web.client.RestTemplate;

import java.util.List;
import java.util.function.Supplier;

/** Puts {@code RestTemplate} beans under the current context, whoever made them. */
record RestTemplateBeans(Supplier<HttpSettings> settings) implements BeanPostProcessor {

    @Override
    public Object postProcessAfterInitialization(Object bean, String name) {
        if (bean instanceof RestTemplate template) {
            wrap(template, settings.get());
        }
        return bean;
    }

    /** Wraps the factory itself, and not what the interceptors make of it. */
    static void wrap(RestTemplate template, HttpSettings settings) {
        List<ClientHttpRequestInterceptor> interceptors = List.copyOf(template.getInterceptors());
        template.setInterceptors(List.of());
        template.setRequestFactory(
                ContextHttpRequestFactory.wrap(template.getRequestFactory(), settings));
        template.setInterceptors(interceptors);
    }
}

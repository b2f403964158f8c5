package dev.netpoll.autoconfigure.context;

import dev.netpoll.context.http.HttpCancelListener;
import dev.netpoll.context.http.HttpCancelReport;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;

import java.util.List;

/**
 * The application's listeners, once all singletons are there: clients are made before nearly everything
 * else, and a call of a start that is under way must not make beans. Any thread.
 */
final class LateHttpCancelListeners implements SmartInitializingSingleton {

    private final ObjectProvider<HttpCancelListener> beans;
    private volatile List<HttpCancelListener> known = List.of(); // written once

    LateHttpCancelListeners(ObjectProvider<HttpCancelListener> beans) {
        this.beans = beans;
    }

    @Override
    public void afterSingletonsInstantiated() {
        known = beans.orderedStream().toList();
    }

    /** All there are when it is told of a call. */
    HttpCancelListener listener() {
        return new HttpCancelListener() {
            @Override
            public void cancelled(HttpCancelReport report) {
                known.forEach(listener -> listener.cancelled(report));
            }

            @Override
            public HttpCancelListener boundHere() {
                return bind(known);
            }
        };
    }

    private static HttpCancelListener bind(List<HttpCancelListener> all) {
        if (all.size() <= 1) {
            return all.isEmpty() ? HttpCancelListener.NONE : all.getFirst().boundHere();
        }
        List<HttpCancelListener> bound = all.stream().map(HttpCancelListener::boundHere).toList();
        return report -> bound.forEach(listener -> listener.cancelled(report));
    }
}

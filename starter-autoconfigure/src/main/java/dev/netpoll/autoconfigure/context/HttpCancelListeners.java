package dev.netpoll.autoconfigure.context;

import dev.netpoll.context.http.HttpCancelListener;
import dev.netpoll.context.http.HttpCancelReport;

import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;

import java.util.List;

/**
 * The application's listeners, asked for with the first call: clients are made before nearly everything
 * else. Any thread.
 */
final class HttpCancelListeners implements HttpCancelListener {

    private final ObjectProvider<HttpCancelListener> beans;

    /** Null before the first call. Whoever comes twice finds the same. */
    private volatile @Nullable List<HttpCancelListener> known;

    HttpCancelListeners(ObjectProvider<HttpCancelListener> beans) {
        this.beans = beans;
    }

    private List<HttpCancelListener> listeners() {
        List<HttpCancelListener> all = known;
        if (all == null) {
            all = beans.orderedStream().toList();
            known = all;
        }
        return all;
    }

    @Override
    public void cancelled(HttpCancelReport report) {
        listeners().forEach(listener -> listener.cancelled(report));
    }

    @Override
    public HttpCancelListener boundHere() {
        List<HttpCancelListener> all = listeners();
        if (all.size() <= 1) {
            return all.isEmpty() ? NONE : all.getFirst().boundHere();
        }
        List<HttpCancelListener> bound = all.stream().map(HttpCancelListener::boundHere).toList();
        return report -> bound.forEach(listener -> listener.cancelled(report));
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.actuate.observation;

import dev.netpoll.web.mvc.DeferredKeyValues;

import io.micrometer.common.KeyValue;
import io.micrometer.common.KeyValues;
import io.micrometer.core.instrument.LongTaskTimer;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationFilter;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;

import org.jspecify.annotations.Nullable;
import org.springframework.http.server.observation.ServerRequestObservationContext;
import org.springframework.http.server.observation.ServerRequestObservationConvention;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;

/**
 * The context of a request's observation that computes the convention's key values only when they are read: by a
 * handler, a filter or the application. What is read is what Spring's context holds at that moment:
 *
 * <table>
 * <caption>Phases</caption>
 * <tr><th>phase</th><th>begins when</th><th>what is read</th></tr>
 * <tr><td>{@code CREATED}</td><td></td><td>what was added</td></tr>
 * <tr><td>{@code STARTED}</td><td>the convention is asked first</td><td>the values of the start, below what was
 * added</td></tr>
 * <tr><td>{@code STOPPED}</td><td>it is asked again</td><td>the values of the end, above what was added until then;
 * then what the filters add</td></tr>
 * </table>
 *
 * <p>Runs on the threads that the request runs on; key values may be read and added from any.
 */
final class LazyRequestContext extends ServerRequestObservationContext
        implements DeferredKeyValues {

    private enum Phase {
        CREATED,
        STARTED,
        STOPPED
    }

    private final ServerRequestObservationConvention convention;
    private final @Nullable RequestTrace trace;

    // Set by the request's thread, before another one knows of the observation.
    private int startStatus;
    private long startedAt;
    private LongTaskTimer.@Nullable Sample active;

    private Phase phase = Phase.CREATED;
    private boolean touched;

    // Under the lock.
    private boolean startComputed;
    private boolean endComputed;
    private boolean computing;
    private @Nullable List<ObservationFilter> deferred;

    LazyRequestContext(
            HttpServletRequest request,
            HttpServletResponse response,
            ServerRequestObservationConvention convention,
            @Nullable RequestTrace trace) {
        super(request, response);
        this.convention = convention;
        this.trace = trace;
    }

    @Nullable RequestTrace trace() {
        return trace;
    }

    @Override
    public boolean isRecorded() {
        return trace != null && trace.isRecorded();
    }

    /** The observation asks the convention, when it starts and when it stops. */
    void conventionAsked() {
        if (phase == Phase.CREATED) {
            startStatus = status();
            phase = Phase.STARTED;
        } else {
            phase = Phase.STOPPED;
            if (endComputed || deferred != null) {
                stopAgain();
            }
        }
    }

    /** A request that timed out asynchronously stops twice. */
    private synchronized void stopAgain() {
        endComputed = false;
        deferred = null;
    }

    int status() {
        return Objects.requireNonNull(getResponse()).getStatus();
    }

    /** Whether anything but the convention and the deferred filters has added or removed key values. */
    boolean isTouched() {
        return touched;
    }

    void started(long nanos, LongTaskTimer.@Nullable Sample sample) {
        startedAt = nanos;
        active = sample;
    }

    long startedAt() {
        return startedAt;
    }

    LongTaskTimer.@Nullable Sample active() {
        return active;
    }

    @Override
    public boolean defer(ObservationFilter filter) {
        if (phase != Phase.STOPPED || endComputed) {
            return false;
        }
        List<ObservationFilter> filters = deferred;
        if (filters == null) {
            filters = new ArrayList<>(2);
            deferred = filters;
        }
        filters.add(filter);
        return true;
    }

    /** Makes what is stored what Spring's context would hold. */
    private synchronized void compute() {
        if (computing || phase == Phase.CREATED) {
            return;
        }
        boolean wasTouched = touched;
        computing = true;
        try {
            computeStart();
            computeEnd();
        } finally {
            computing = false;
            touched = wasTouched;
        }
    }

    private void computeStart() {
        if (startComputed) {
            return;
        }
        startComputed = true;
        if (phase == Phase.STOPPED && !touched) {
            return; // the values of the end have the same keys
        }
        var start =
                new ServerRequestObservationContext(
                        Objects.requireNonNull(getCarrier()),
                        new StatusOfThen(Objects.requireNonNull(getResponse()), startStatus));
        for (KeyValue each : convention.getLowCardinalityKeyValues(start)) {
            if (super.getLowCardinalityKeyValue(each.getKey()) == null) {
                super.addLowCardinalityKeyValue(each);
            }
        }
        for (KeyValue each : convention.getHighCardinalityKeyValues(start)) {
            if (super.getHighCardinalityKeyValue(each.getKey()) == null) {
                super.addHighCardinalityKeyValue(each);
            }
        }
    }

    private void computeEnd() {
        if (endComputed || phase != Phase.STOPPED) {
            return;
        }
        endComputed = true;
        convention.getLowCardinalityKeyValues(this).forEach(super::addLowCardinalityKeyValue);
        convention.getHighCardinalityKeyValues(this).forEach(super::addHighCardinalityKeyValue);
        String name = convention.getContextualName(this);
        if (name != null && !name.isBlank()) {
            super.setContextualName(name);
        }
        List<ObservationFilter> filters = deferred;
        if (filters != null) {
            deferred = null;
            filters.forEach(filter -> filter.map(this));
        }
    }

    @Override
    public Observation.Context addLowCardinalityKeyValue(KeyValue keyValue) {
        beforeChange();
        return super.addLowCardinalityKeyValue(keyValue);
    }

    @Override
    public Observation.Context addHighCardinalityKeyValue(KeyValue keyValue) {
        beforeChange();
        return super.addHighCardinalityKeyValue(keyValue);
    }

    @Override
    public Observation.Context removeLowCardinalityKeyValue(String keyName) {
        compute();
        touched = true;
        return super.removeLowCardinalityKeyValue(keyName);
    }

    @Override
    public Observation.Context removeHighCardinalityKeyValue(String keyName) {
        compute();
        touched = true;
        return super.removeHighCardinalityKeyValue(keyName);
    }

    /** Before the end what is added stands above the convention's values, whenever these are computed. */
    private void beforeChange() {
        if (phase == Phase.STOPPED) {
            compute();
        }
        touched = true;
    }

    @Override
    public void setContextualName(@Nullable String contextualName) {
        computeIfStopped();
        super.setContextualName(contextualName);
    }

    @Override
    public void setPathPattern(@Nullable String pathPattern) {
        computeIfStopped();
        super.setPathPattern(pathPattern);
    }

    @Override
    public void setError(Throwable error) {
        computeIfStopped();
        super.setError(error);
    }

    private void computeIfStopped() {
        // Null while the class above constructs.
        if (phase == Phase.STOPPED) {
            compute();
        }
    }

    @Override
    public @Nullable String getContextualName() {
        computeIfStopped();
        return super.getContextualName();
    }

    @Override
    public KeyValues getLowCardinalityKeyValues() {
        compute();
        return super.getLowCardinalityKeyValues();
    }

    @Override
    public KeyValues getHighCardinalityKeyValues() {
        compute();
        return super.getHighCardinalityKeyValues();
    }

    @Override
    public @Nullable KeyValue getLowCardinalityKeyValue(String key) {
        compute();
        return super.getLowCardinalityKeyValue(key);
    }

    @Override
    public @Nullable KeyValue getHighCardinalityKeyValue(String key) {
        compute();
        return super.getHighCardinalityKeyValue(key);
    }

    @Override
    @SuppressWarnings("unchecked")
    public <T> @Nullable T get(Object key) {
        storeTrace(key);
        return (T) super.get(key);
    }

    @Override
    public <T> T getRequired(Object key) {
        storeTrace(key);
        return super.getRequired(key);
    }

    @Override
    public boolean containsKey(Object key) {
        storeTrace(key);
        return super.containsKey(key);
    }

    @Override
    public <T> T getOrDefault(Object key, T defaultObject) {
        storeTrace(key);
        return super.getOrDefault(key, defaultObject);
    }

    @Override
    public <T> T computeIfAbsent(Object key, Function<Object, ? extends T> mappingFunction) {
        storeTrace(key);
        return super.computeIfAbsent(key, mappingFunction);
    }

    /** Returns what is stored under the trace's key, without storing it. */
    @Nullable Object storedTrace(Object key) {
        return super.get(key);
    }

    private void storeTrace(Object key) {
        if (trace != null && phase != Phase.CREATED && trace.isKey(key)) {
            super.computeIfAbsent(key, _ -> trace.value());
        }
    }

    /** The response with its status at the start. */
    private static final class StatusOfThen extends HttpServletResponseWrapper {

        private final int status;

        StatusOfThen(HttpServletResponse response, int status) {
            super(response);
            this.status = status;
        }

        @Override
        public int getStatus() {
            return status;
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.actuate.observation;

import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.ThreadLocalRandom;

/** The ids of a new trace and its first span, neither of them sampled; as random as those of OpenTelemetry's SDK. */
final class UnsampledSpanContext implements SpanContext {

    /** W3C Trace Context, level 2: the trace's id is random. OpenTelemetry's builder is missing in Spring Boot 4.0's. */
    private static final byte RANDOM_ID = 2;

    private static final TraceFlags FLAGS =
            TraceFlags.fromByte(TraceIds.areSaidToBeRandom() ? RANDOM_ID : 0);

    private static final byte[] DIGITS = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    private static final int ID = 16;

    private final String traceId;
    private final long span;

    private @Nullable String spanId; // computed by any thread, to the same value

    UnsampledSpanContext(String traceId, long span) {
        this.traceId = traceId;
        this.span = span;
    }

    /** Returns a trace's id. */
    static String randomTraceId() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        byte[] digits = new byte[2 * ID];
        write(random.nextLong(), digits, 0);
        write(randomId(random), digits, ID);
        return text(digits);
    }

    /** Returns what a span's id is made of. */
    static long randomSpan() {
        return randomId(ThreadLocalRandom.current());
    }

    /** Returns a span's id. */
    static String randomSpanId() {
        return spanId(randomSpan());
    }

    private static String spanId(long span) {
        byte[] digits = new byte[ID];
        write(span, digits, 0);
        return text(digits);
    }

    private static long randomId(ThreadLocalRandom random) {
        long id;
        do {
            id = random.nextLong();
        } while (id == 0);
        return id;
    }

    private static void write(long id, byte[] digits, int start) {
        for (int i = 0; i < ID; i++) {
            digits[start + i] = DIGITS[(int) (id >>> (ID - 1 - i) * 4) & 0xF];
        }
    }

    private static String text(byte[] digits) {
        return new String(digits, StandardCharsets.ISO_8859_1);
    }

    @Override
    public String getTraceId() {
        return traceId;
    }

    @Override
    public String getSpanId() {
        String id = spanId;
        if (id == null) {
            id = spanId(span);
            spanId = id;
        }
        return id;
    }

    @Override
    public TraceFlags getTraceFlags() {
        return FLAGS;
    }

    @Override
    public TraceState getTraceState() {
        return TraceState.getDefault();
    }

    @Override
    public boolean isValid() {
        return true;
    }

    @Override
    public boolean isRemote() {
        return false;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof SpanContext context
                && getTraceId().equals(context.getTraceId())
                && getSpanId().equals(context.getSpanId())
                && getTraceFlags().equals(context.getTraceFlags())
                && getTraceState().equals(context.getTraceState())
                && isRemote() == context.isRemote();
    }

    @Override
    public int hashCode() {
        return 31 * traceId.hashCode() + Long.hashCode(span);
    }

    @Override
    public String toString() {
        return "UnsampledSpanContext[" + traceId + " " + getSpanId() + "]";
    }
}

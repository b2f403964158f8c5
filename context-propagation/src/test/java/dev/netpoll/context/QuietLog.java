// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context;

import dev.netpoll.testsupport.Bounded;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Takes what a class logs away from the console and keeps it for the test. */
public final class QuietLog implements AutoCloseable {

    private final Logger logger;
    private final List<LogRecord> records = new CopyOnWriteArrayList<>();
    private final Handler handler =
            new Handler() {
                @Override
                public void publish(LogRecord record) {
                    records.add(record);
                }

                @Override
                public void flush() {}

                @Override
                public void close() {}
            };

    public QuietLog(Class<?> logging) {
        logger = Logger.getLogger(logging.getName());
        logger.setUseParentHandlers(false);
        logger.addHandler(handler);
    }

    public List<LogRecord> records() {
        return records;
    }

    /** Waits until throwables with these messages have been logged, in any order. */
    public void awaitThrown(String... messages) {
        Bounded.until(
                () ->
                        Arrays.stream(messages)
                                .allMatch(
                                        m ->
                                                records.stream()
                                                        .anyMatch(
                                                                r ->
                                                                        r.getThrown() != null
                                                                                && m.equals(
                                                                                        r.getThrown()
                                                                                                .getMessage()))));
    }

    @Override
    public void close() {
        logger.removeHandler(handler);
        logger.setUseParentHandlers(true);
    }
}

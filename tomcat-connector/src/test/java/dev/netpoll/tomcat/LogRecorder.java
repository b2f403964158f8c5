// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/** Keeps every log record of WARNING or above, from whatever thread. Tomcat logs to java.util.logging here. */
final class LogRecorder extends Handler {
    private static final Logger ROOT = Logger.getLogger("");

    private final List<LogRecord> records = new CopyOnWriteArrayList<>();

    /** Set before traffic starts, read by any thread. */
    private volatile Predicate<LogRecord> expected = record -> false;

    private final List<Handler> silenced = List.of(ROOT.getHandlers());

    LogRecorder() {
        setLevel(Level.WARNING);
    }

    /** Takes the console's place: what is unexpected fails a test and is printed by it. */
    void install() {
        silenced.forEach(ROOT::removeHandler);
        ROOT.addHandler(this);
    }

    void uninstall() {
        ROOT.removeHandler(this);
        silenced.forEach(ROOT::addHandler);
    }

    /** From now on, records like this are neither kept nor held against the test. */
    void expect(Predicate<LogRecord> records) {
        expected = expected.or(records);
    }

    /** What came unexpectedly, as text with stack traces; forgets it and every expectation. */
    List<String> drain() {
        SimpleFormatter formatter = new SimpleFormatter();
        List<String> texts = records.stream().map(formatter::format).toList();
        records.clear();
        expected = record -> false;
        return texts;
    }

    @Override
    public void publish(LogRecord record) {
        if (isLoggable(record) && !expected.test(record)) {
            records.add(record);
        }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
}

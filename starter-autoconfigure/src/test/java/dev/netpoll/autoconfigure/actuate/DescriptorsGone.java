// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.actuate;

import dev.netpoll.actuate.NetpollDescriptor;
import dev.netpoll.actuate.NetpollEndpoint;

import jdk.jfr.Recording;

import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.ConfigurableApplicationContext;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;

/** What {@link DescriptorsGoneTest} runs: a service that has no descriptor left for a while. */
final class DescriptorsGone {

    private DescriptorsGone() {}

    /** @param args where to put the recording */
    public static void main(String[] args) throws Exception {
        try (Recording recording = new Recording();
                ConfigurableApplicationContext context = ObservedApplication.run()) {
            recording.enable("dev.netpoll.AcceptBackoff").withoutThreshold();
            recording.start();
            int port = ObservedApplication.port(context);
            NetpollEndpoint endpoint = context.getBean(NetpollEndpoint.class);
            HealthIndicator health =
                    context.getBean("netpollHealthIndicator", HealthIndicator.class);
            // A reset, a request and a look load what is needed later: without a descriptor no
            // class file can be opened.
            Wire.to(port).reset();
            while (endpoint.netpoll().errno().isEmpty()) {
                Thread.onSpinWait();
            }
            System.out.println("before: " + health.health().getStatus() + describe(endpoint));
            Wire kept = Wire.to(port);
            for (int i = 0; i < 5; i++) {
                kept.get("/hello").status();
            }
            // What a processor does between two requests has classes of its own.
            while (endpoint.netpoll().connections().active() > 0) {
                Thread.onSpinWait();
            }
            Deque<RandomAccessFile> files = exhaust();
            files.pop().close();
            Wire waiting = Wire.to(port).get("/hello"); // takes the last one
            while (!endpoint.netpoll().connections().acceptBackingOff()) {
                Thread.onSpinWait();
            }
            System.out.println("gone: " + health.health().getStatus() + equal(endpoint));
            System.out.println("kept: " + kept.get("/hello").status());
            for (int i = 0; i < 20; i++) {
                files.pop().close();
            }
            System.out.println("waiting: " + waiting.status());
            while (endpoint.netpoll().connections().acceptBackingOff()) {
                Thread.onSpinWait();
            }
            System.out.println("after:" + equal(endpoint));
            files.forEach(DescriptorsGone::close);
            recording.stop();
            recording.dump(Path.of(args[0]));
        }
        System.exit(0);
    }

    private static Deque<RandomAccessFile> exhaust() {
        Deque<RandomAccessFile> files = new ArrayDeque<>();
        while (true) {
            try {
                files.push(new RandomAccessFile("/dev/null", "r"));
            } catch (IOException e) {
                return files;
            }
        }
    }

    private static void close(RandomAccessFile file) {
        try {
            file.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String describe(NetpollEndpoint endpoint) {
        NetpollDescriptor seen = endpoint.netpoll();
        return " " + seen.errno().size() + " errnos, " + seen.connections().acceptBackoffs();
    }

    /** Each time accepting backed off, accept4 had failed with EMFILE once. */
    private static String equal(NetpollEndpoint endpoint) {
        while (true) {
            NetpollDescriptor seen = endpoint.netpoll();
            long backoffs = seen.connections().acceptBackoffs();
            long errors = seen.errno().get("accept4").get("EMFILE").count();
            if (backoffs > 0 && backoffs == errors) {
                return " as often as EMFILE";
            }
        }
    }
}

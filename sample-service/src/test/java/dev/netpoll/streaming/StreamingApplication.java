// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.streaming;

import dev.netpoll.testsupport.Bounded;

import org.apache.tomcat.websocket.server.WsSci;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.ResponseBodyEmitter;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;
import org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody;
import org.springframework.web.socket.BinaryMessage;
import org.springframework.web.socket.CloseStatus;
import org.springframework.web.socket.TextMessage;
import org.springframework.web.socket.WebSocketSession;
import org.springframework.web.socket.config.annotation.EnableWebSocket;
import org.springframework.web.socket.config.annotation.WebSocketConfigurer;
import org.springframework.web.socket.config.annotation.WebSocketHandlerRegistry;
import org.springframework.web.socket.handler.AbstractWebSocketHandler;

import java.io.IOException;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;

/** Answers that come piece by piece, and a WebSocket, as an application of Spring's has them. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration(exclude = DataSourceAutoConfiguration.class)
@EnableWebSocket
class StreamingApplication implements WebSocketConfigurer {

    /** What the application has been told, in words. */
    final BlockingQueue<String> told = new LinkedBlockingQueue<>();

    /** {@code /held} and {@code /endless} wait for it after their first event. */
    volatile CountDownLatch next = new CountDownLatch(1);

    @Override
    public void registerWebSocketHandlers(WebSocketHandlerRegistry registry) {
        registry.addHandler(new Echo(), "/ws");
    }

    /** As Boot's own module for it would. */
    @Bean
    WebServerFactoryCustomizer<TomcatServletWebServerFactory> webSocketContainer() {
        return factory ->
                factory.addContextCustomizers(
                        context -> context.addServletContainerInitializer(new WsSci(), Set.of()));
    }

    private interface Piece {
        void send() throws IOException;
    }

    /** Registered by Spring, as each component within a configuration is. */
    @RestController
    final class Answers {

        private void start(ResponseBodyEmitter emitter, Piece work) {
            emitter.onCompletion(() -> told.add("completed"));
            emitter.onTimeout(() -> told.add("timed out"));
            emitter.onError(_ -> told.add("failed"));
            Thread.ofVirtual()
                    .start(
                            () -> {
                                try {
                                    work.send();
                                } catch (IOException | IllegalStateException e) {
                                    told.add("sending failed");
                                }
                            });
        }

        @GetMapping("/emitter")
        ResponseBodyEmitter emitter() {
            ResponseBodyEmitter emitter = new ResponseBodyEmitter();
            start(
                    emitter,
                    () -> {
                        emitter.send("one ");
                        emitter.send("two ");
                        emitter.send("three");
                        emitter.complete();
                    });
            return emitter;
        }

        @GetMapping("/held")
        SseEmitter held() {
            SseEmitter emitter = new SseEmitter();
            start(
                    emitter,
                    () -> {
                        emitter.send("first");
                        Bounded.await(next);
                        emitter.send("second");
                        emitter.complete();
                    });
            return emitter;
        }

        /** Spring tells an emitter nothing if the client leaves while what was sent before it was returned is sent. */
        @GetMapping("/endless")
        SseEmitter endless() {
            SseEmitter emitter = new SseEmitter(0L);
            start(
                    emitter,
                    () -> {
                        emitter.send("first");
                        Bounded.await(next);
                        while (true) {
                            emitter.send("on and on");
                        }
                    });
            return emitter;
        }

        @GetMapping("/short")
        SseEmitter withTimeout() {
            SseEmitter emitter = new SseEmitter(100L);
            start(emitter, () -> emitter.send("first"));
            return emitter;
        }

        @GetMapping("/failing")
        ResponseBodyEmitter failing(@RequestParam int after) {
            ResponseBodyEmitter emitter = new ResponseBodyEmitter();
            start(
                    emitter,
                    () -> {
                        for (int i = 0; i < after; i++) {
                            emitter.send("piece ");
                        }
                        emitter.completeWithError(new IllegalArgumentException("on purpose"));
                    });
            return emitter;
        }

        @GetMapping("/stream")
        StreamingResponseBody stream(@RequestParam int pieces) {
            return out -> {
                byte[] piece = new byte[10_000];
                for (int i = 0; i < pieces; i++) {
                    Arrays.fill(piece, (byte) i);
                    out.write(piece);
                }
            };
        }

        @GetMapping("/endless-stream")
        StreamingResponseBody endlessStream() {
            return out -> {
                try {
                    while (true) {
                        out.write(new byte[10_000]);
                        out.flush();
                    }
                } catch (IOException e) {
                    told.add("writing failed");
                    throw e;
                }
            };
        }
    }

    private final class Echo extends AbstractWebSocketHandler {

        @Override
        protected void handleTextMessage(WebSocketSession session, TextMessage message)
                throws IOException {
            if (message.getPayload().equals("close")) {
                session.close(new CloseStatus(4001, "as asked"));
            } else {
                session.sendMessage(message);
            }
        }

        @Override
        protected void handleBinaryMessage(WebSocketSession session, BinaryMessage message)
                throws IOException {
            session.sendMessage(message);
        }

        @Override
        public void afterConnectionClosed(WebSocketSession session, CloseStatus status) {
            told.add("closed " + status.getCode());
        }
    }
}

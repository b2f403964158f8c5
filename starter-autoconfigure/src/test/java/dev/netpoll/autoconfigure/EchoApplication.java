// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;

/** Spring MVC handlers that say what reached them, at the paths of the differential run's requests. */
@Configuration(proxyBeanMethods = false)
@Import(EchoApplication.Handlers.class)
class EchoApplication extends ActuatorApplication {

    @RestController
    static class Handlers {

        @RequestMapping("/echo")
        byte[] echo(HttpServletRequest request, @RequestBody(required = false) byte[] body) {
            return answer(request, body);
        }

        @RequestMapping("/slow")
        byte[] slow(HttpServletRequest request, @RequestBody(required = false) byte[] body)
                throws InterruptedException {
            Thread.sleep(3);
            return answer(request, body);
        }

        @RequestMapping("/async")
        Callable<byte[]> async(
                HttpServletRequest request, @RequestBody(required = false) byte[] body) {
            byte[] answer = answer(request, body);
            return () -> answer;
        }

        @RequestMapping("/ignore")
        String ignore() {
            return "ignored";
        }

        @RequestMapping("/params")
        ResponseEntity<String> params(
                @RequestParam(required = false) List<String> a,
                @RequestParam(required = false) List<String> b) {
            return ResponseEntity.ok("a=" + a + ", b=" + b);
        }

        /** Answers, and only then reads. */
        @RequestMapping("/early")
        void early(HttpServletRequest request, HttpServletResponse response) throws IOException {
            response.setContentLength(5);
            response.getOutputStream().print("early");
            response.flushBuffer();
            request.getInputStream().readAllBytes();
        }

        /** Reads a part, answers in two parts of no known length. */
        @RequestMapping("/late")
        void late(HttpServletRequest request, HttpServletResponse response) throws IOException {
            byte[] part = request.getInputStream().readNBytes(7);
            response.getOutputStream().print("read " + part.length);
            response.flushBuffer();
            response.getOutputStream().print(" of some");
        }

        @RequestMapping("/sentinel")
        String sentinel() {
            return "sentinel";
        }

        private static byte[] answer(HttpServletRequest request, byte[] body) {
            StringBuilder facts = new StringBuilder();
            facts.append(request.getMethod()).append(' ').append(request.getRequestURI());
            facts.append('?').append(request.getQueryString()).append('\n');
            for (String name : Collections.list(request.getHeaderNames())) {
                for (String value : Collections.list(request.getHeaders(name))) {
                    facts.append(name).append('=').append(value).append('\n');
                }
            }
            ByteArrayOutputStream answer = new ByteArrayOutputStream();
            answer.writeBytes(facts.toString().getBytes(StandardCharsets.UTF_8));
            answer.writeBytes(body == null ? new byte[0] : body);
            return answer.toByteArray();
        }
    }
}

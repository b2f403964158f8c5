// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.actuate;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.context.ConfigurableApplicationContext;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The page in a real browser, with something on it. Its pictures are in target/page. */
class PageTest {

    private static final Path PICTURES = Path.of("target", "page");

    private final List<Wire> clients = new ArrayList<>();
    private ConfigurableApplicationContext context;

    @AfterEach
    void close() throws Exception {
        context.getBean(ObservedApplication.Handlers.class).open("page");
        for (Wire client : clients) {
            client.close();
        }
        context.close();
    }

    @Test
    void itNeedsNothingFromElsewhere() throws Exception {
        start();
        Wire.Response page = Wire.get(port(), "/actuator/netpoll/page");

        assertThat(page.status()).isEqualTo(200);
        assertThat(page.type()).startsWith("text/html");
        assertThat(page.body()).doesNotContain("http://", "https://", "//cdn", "@import", "src=");
    }

    @Test
    void theHeatmapOpensInASpreadsheet() throws Exception {
        start();
        Wire.Response csv = Wire.get(port(), "/actuator/netpoll/heatmap?format=csv");
        List<String> lines = csv.body().lines().toList();

        assertThat(csv.type()).startsWith("text/csv");
        assertThat(lines.getFirst()).startsWith("start,seconds,kind,0.00001,").endsWith(",10,more");
        assertThat(lines.size() % 3).as("three kinds and a head").isEqualTo(1);
        assertThat(lines)
                .allSatisfy(line -> assertThat(line.chars().filter(c -> c == ',')).hasSize(22));
        assertThat(Wire.get(port(), "/actuator/netpoll/loops?format=csv").status()).isEqualTo(400);
    }

    @Test
    void itIsReadInLightAndInDarkAndWorkedFromTheKeyboard(@TempDir Path directory)
            throws Exception {
        start();
        traffic();
        try (Browser browser = Browser.start(directory)) {
            browser.prefer("light");
            browser.open("http://127.0.0.1:" + port() + "/actuator/netpoll/page", 1280, 1600);
            browser.await("document.body !== null && document.body.dataset.ready === 'true'");
            browser.await("document.getElementById('errno').innerText.includes('ECONNRESET')");
            browser.await("document.getElementById('overdue').innerText.includes('/stray/page')");
            assertThat(browser.evaluate("document.getElementById('engine').innerText"))
                    .isEqualTo("epoll");
            assertThat(browser.evaluate("document.querySelectorAll('#loops tr').length"))
                    .isEqualTo(String.valueOf(Runtime.getRuntime().availableProcessors()));
            browser.screenshot(PICTURES.resolve("light.png"));
            String light = browser.evaluate("getComputedStyle(document.body).backgroundColor");

            keyboard(browser);

            browser.prefer("dark");
            assertThat(browser.evaluate("getComputedStyle(document.body).backgroundColor"))
                    .isNotEqualTo(light);
            browser.screenshot(PICTURES.resolve("dark.png"));
        }
        assertThat(Files.size(PICTURES.resolve("light.png"))).isGreaterThan(20_000);
        assertThat(Files.size(PICTURES.resolve("dark.png"))).isGreaterThan(20_000);
    }

    private static void keyboard(Browser browser) throws Exception {
        browser.press("p");
        browser.await("document.getElementById('pause').innerText === 'Go on'");
        browser.press("1");
        browser.await(
                "document.querySelector('[data-kind=read]').getAttribute('aria-pressed') ==="
                        + " 'true'");
        browser.press("3");
        browser.evaluate("document.getElementById('heat').focus()");
        browser.press("ArrowUp");
        browser.await(
                "document.getElementById('tip').innerText.includes('idle waits of up to 20')");
        browser.press("Escape");
        browser.await("document.getElementById('tip').innerText.includes('have ended')");
        browser.press("p");
        browser.await("document.getElementById('pause').innerText === 'Pause'");
    }

    /** Something of everything the page shows. */
    private void traffic() throws Exception {
        for (int i = 0; i < 12; i++) {
            Wire client = connect();
            for (int n = 0; n < 40; n++) {
                assertThat(client.get("/hello").status()).isEqualTo(200);
            }
        }
        for (int i = 0; i < 3; i++) {
            Wire.to(port()).reset();
            connect().get("/gate/page");
        }
        connect().send("POST /body HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nhalf");
        connect().send("GET /hello HTTP/1.1\r\nHost: loc");
        Wire narrow = Wire.narrow(port());
        clients.add(narrow);
        narrow.get("/large?bytes=30000000");
        assertThat(connect().get("/stray/page").status()).isEqualTo(503);
    }

    private Wire connect() throws Exception {
        Wire client = Wire.to(port());
        clients.add(client);
        return client;
    }

    private void start() {
        context =
                ObservedApplication.run(
                        "--netpoll.heatmap.window=1s",
                        "--netpoll.overdue.grace=1ms",
                        "--netpoll.deadlines.rules[0].path=/stray/**",
                        "--netpoll.deadlines.rules[0].timeout=100ms");
    }

    private int port() {
        return ObservedApplication.port(context);
    }
}

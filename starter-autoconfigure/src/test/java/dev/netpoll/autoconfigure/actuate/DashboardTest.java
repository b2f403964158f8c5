// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.actuate;

import static dev.netpoll.testsupport.Bounded.eventually;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.context.ConfigurableApplicationContext;
import org.yaml.snakeyaml.Yaml;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The dashboard and the alert rules in docs/grafana, against the series a running application has. */
class DashboardTest {

    private static final Path DIRECTORY = Path.of("..", "docs", "grafana");
    private static final Pattern SERIES = Pattern.compile("netpoll_[a-z_]+");

    private ConfigurableApplicationContext context;
    private Set<String> there;

    @BeforeEach
    void scrape() throws Exception {
        context = ObservedApplication.run();
        int port = ObservedApplication.port(context);
        Wire.to(port).reset();
        String scraped =
                eventually(
                        () -> Wire.get(port, "/actuator/prometheus").body(),
                        text -> text.contains("ECONNRESET"));
        there = series(scraped);
    }

    @AfterEach
    void close() {
        context.close();
    }

    @Test
    void everyPanelOfTheDashboardAsksForSeriesThatExist() throws Exception {
        String text = Files.readString(DIRECTORY.resolve("dashboard.json"));
        JsonNode dashboard = new JsonMapper().readTree(text);

        assertThat(dashboard.path("panels")).hasSizeGreaterThan(10);
        for (JsonNode panel : dashboard.path("panels")) {
            for (JsonNode target : panel.path("targets")) {
                assertThat(there)
                        .as(panel.path("title").asString())
                        .containsAll(series(target.path("expr").asString()));
            }
        }
    }

    @Test
    void everyAlertAsksForSeriesThatExistAndNamesABranchOfTheDiagnosis() throws Exception {
        String text = Files.readString(DIRECTORY.resolve("alerts.yml"));
        String rules = new JsonMapper().writeValueAsString(new Yaml().load(text));
        String diagnosis = Files.readString(Path.of("..", "docs", "diagnose.md"));

        assertThat(there).containsAll(series(rules));
        for (JsonNode rule : new JsonMapper().readTree(rules).at("/groups/0/rules")) {
            String branch = rule.at("/annotations/see").asString().split(": ")[1];
            assertThat(diagnosis.toLowerCase(Locale.ROOT)).contains("## " + branch);
        }
    }

    private static Set<String> series(String text) {
        Set<String> names = new TreeSet<>();
        Matcher matcher = SERIES.matcher(text);
        while (matcher.find()) {
            names.add(matcher.group());
        }
        return names;
    }
}

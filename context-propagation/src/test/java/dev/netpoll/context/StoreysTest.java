// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.stream.Stream;

/** A package may import only what stands below it. */
class StoreysTest {

    private static final String CONTEXT = "dev.netpoll.context";
    private static final String TASK = CONTEXT + ".task";

    private final JavaClasses module =
            new ClassFileImporter()
                    .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                    .importPackages(CONTEXT);

    @Test
    void theContextNeedsNothingButTheJdk() {
        assertThat(module).hasSizeGreaterThan(20);
        classes()
                .that()
                .resideInAPackage(CONTEXT)
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("java..", "org.jspecify.annotations", CONTEXT)
                .check(module);
    }

    @Test
    void tasksNeedTheContextAndTheJdk() {
        classes()
                .that()
                .resideInAPackage(TASK)
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("java..", "org.jspecify.annotations", CONTEXT, TASK)
                .check(module);
    }

    @Test
    void jdbcNeedsNoPoolAndNoDriver() {
        classes()
                .that()
                .resideInAPackage(CONTEXT + ".jdbc")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "java..",
                        "javax.sql",
                        "org.jspecify.annotations",
                        CONTEXT,
                        TASK,
                        CONTEXT + ".jdbc")
                .check(module);
    }

    @Test
    void theSocketsOfMysqlNeedItsDriverAlone() {
        classes()
                .that()
                .resideInAPackage(CONTEXT + ".jdbc.mysql")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "java..",
                        "javax.net",
                        "org.jspecify.annotations",
                        "com.mysql.cj..",
                        CONTEXT + ".jdbc.mysql")
                .check(module);
    }

    @Test
    void dataSourceBeansNeedSpringsCoreAndNoPool() {
        classes()
                .that()
                .resideInAPackage(CONTEXT + ".jdbc.spring")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "java..",
                        "javax.net",
                        "javax.sql",
                        "org.jspecify.annotations",
                        "org.aopalliance..",
                        "org.springframework.aop..",
                        "org.springframework.beans..",
                        "org.springframework.core..",
                        "org.springframework.util..",
                        CONTEXT,
                        CONTEXT + ".jdbc",
                        CONTEXT + ".jdbc.mysql",
                        CONTEXT + ".jdbc.spring")
                .check(module);
    }

    @Test
    void nothingNeedsTestSupport() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("com.tngtech.archunit..", "dev.netpoll.test..")
                .check(module);
    }

    @Test
    void httpNeedsSpringsClientsAndNoneInParticular() {
        classes()
                .that()
                .resideInAPackage(CONTEXT + ".http")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "java..",
                        "javax.net.ssl",
                        "org.jspecify.annotations",
                        "org.springframework.core..",
                        "org.springframework.http..",
                        "org.springframework.web.client..",
                        "org.springframework.web.reactive..",
                        "reactor..",
                        CONTEXT,
                        TASK,
                        CONTEXT + ".http")
                .check(module);
    }

    @Test
    void theSocketsOfApachesClientNeedItAlone() {
        classes()
                .that()
                .resideInAPackage(CONTEXT + ".http.apache")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "java..",
                        "javax.net",
                        "org.apache.hc..",
                        "org.jspecify.annotations",
                        CONTEXT + ".http.apache")
                .check(module);
    }

    @Test
    void resilienceNeedsResilience4jAndNoFramework() {
        classes()
                .that()
                .resideInAPackage(CONTEXT + ".resilience")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "java..",
                        "org.jspecify.annotations",
                        "io.github.resilience4j..",
                        CONTEXT,
                        TASK,
                        CONTEXT + ".resilience")
                .check(module);
    }

    /** A user of one gets none of the others' technologies with it. */
    @ParameterizedTest
    @ValueSource(strings = {"jdbc", "http", "resilience", "micrometer", "spring"})
    void noAdapterNeedsAnother(String adapter) {
        String[] others =
                Stream.of("jdbc", "http", "resilience", "micrometer", "spring")
                        .filter(other -> !other.equals(adapter))
                        .map(other -> CONTEXT + "." + other + "..")
                        .toArray(String[]::new);
        noClasses()
                .that()
                .resideInAPackage(CONTEXT + "." + adapter + "..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(others)
                .check(module);
    }

    @Test
    void timeComesInThroughOneClass() {
        noClasses()
                .that()
                .doNotHaveSimpleName("SystemRuntime")
                .should()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .check(module);
    }
}

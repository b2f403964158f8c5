// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.test;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;

import org.junit.jupiter.api.Test;

/** Test support stands on the contexts and needs no test framework; the rules alone need ArchUnit. */
class StoreysTest {

    private static final String TEST = "dev.netpoll.test";
    private static final String CONTEXT = "dev.netpoll.context";
    private static final String TASK = CONTEXT + ".task";

    private final JavaClasses module =
            new ClassFileImporter()
                    .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                    .importPackages(TEST);

    @Test
    void testSupportNeedsTheContextAndTheJdk() {
        assertThat(module).hasSizeGreaterThan(5);
        classes()
                .that()
                .resideInAPackage(TEST)
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("java..", "org.jspecify.annotations", CONTEXT, TEST)
                .check(module);
    }

    @Test
    void theRulesNeedArchUnitAndWhatTheyName() {
        classes()
                .that()
                .resideInAPackage(TEST + ".rules")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "java..",
                        "org.jspecify.annotations",
                        "com.tngtech.archunit..",
                        CONTEXT,
                        TASK,
                        TEST + ".rules")
                .check(module);
    }
}

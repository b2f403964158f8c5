// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.sample;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;

import dev.netpoll.test.rules.ContextRules;

import org.junit.jupiter.api.Test;

/** The sample keeps the rules that every application can import. */
class ContextRulesTest {

    /** It plays another service, whose threads are no request's of ours. */
    private static final ImportOption NOT_THE_PRICE_SERVICE =
            location -> !location.contains("/PriceService");

    @Test
    void everythingCarriesItsContext() {
        JavaClasses sample =
                new ClassFileImporter()
                        .withImportOption(new ImportOption.DoNotIncludeTests())
                        .withImportOption(NOT_THE_PRICE_SERVICE)
                        .importPackages("dev.netpoll.sample");
        assertThat(sample).hasSizeGreaterThan(10);
        ContextRules.ALL.check(sample);
    }
}

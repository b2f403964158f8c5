package dev.netpoll.engine;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;

import org.junit.jupiter.api.Test;

import java.lang.invoke.MethodHandles;

/** A package may import only what stands below it, and each foreign thing has one seam. */
class StoreysTest {

    private static final String FACE = "dev.netpoll.engine";
    private static final String SCHED = FACE + ".sched";
    private static final String POLL = FACE + ".poll";
    private static final String SYS = FACE + ".sys";
    private static final String JSPECIFY = "org.jspecify.annotations";

    /** The JDK's own API for events of one's own. */
    private static final String FLIGHT_RECORDER = "jdk.jfr";

    private final JavaClasses module =
            new ClassFileImporter()
                    .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                    .importPackages(FACE);

    @Test
    void theKernelSeamNeedsTheJdkAlone() {
        assertThat(module).hasSizeGreaterThan(30);
        onlyNeeds(SYS);
    }

    @Test
    void thePollerNeedsTheKernelSeam() {
        onlyNeeds(POLL, SYS);
    }

    @Test
    void theSchedulerNeedsThePollerAndTheKernelSeam() {
        onlyNeeds(SCHED, POLL, SYS);
    }

    @Test
    void theFaceNeedsTheThreeAndNothingElse() {
        onlyNeeds(FACE, SCHED, POLL, SYS);
    }

    private void onlyNeeds(String storey, String... below) {
        String[] allowed = new String[below.length + 4];
        allowed[0] = "java..";
        allowed[1] = JSPECIFY;
        allowed[2] = FLIGHT_RECORDER;
        allowed[3] = storey;
        System.arraycopy(below, 0, allowed, 4, below.length);
        classes()
                .that()
                .resideInAPackage(storey)
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(allowed)
                .check(module);
    }

    @Test
    void nativeMemoryIsTheKernelSeamsAlone() {
        noClasses()
                .that()
                .resideOutsideOfPackage(SYS)
                .should()
                .dependOnClassesThat()
                .resideInAPackage("java.lang.foreign..")
                .check(module);
    }

    @Test
    void theJdksInternalsAreTheSchedulersAlone() {
        noClasses()
                .that()
                .doNotHaveFullyQualifiedName(SCHED + ".LoopThreads")
                .and()
                .doNotHaveFullyQualifiedName(SCHED + ".LoopDelays")
                .should()
                .callMethod(
                        MethodHandles.class,
                        "privateLookupIn",
                        Class.class,
                        MethodHandles.Lookup.class)
                .orShould()
                .callMethod(Class.class, "forName", String.class)
                .orShould()
                .dependOnClassesThat()
                .resideInAnyPackage("java.lang.reflect..", "jdk.internal..", "sun..")
                .check(module);
    }

    @Test
    void monotonicTimeComesInThroughOneClass() {
        noClasses()
                .that()
                .doNotHaveFullyQualifiedName(POLL + ".SystemTicker")
                .should()
                .callMethod(System.class, "nanoTime")
                .check(module);
    }

    @Test
    void nobodySleeps() {
        noClasses().should().callMethod(Thread.class, "sleep", long.class).check(module);
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine;

import static com.tngtech.archunit.base.DescribedPredicate.anyElementThat;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;

import org.junit.jupiter.api.Test;

import java.lang.invoke.MethodHandles;
import java.util.List;

/** A package may import only what stands below it, and each foreign thing has one seam. */
class StoreysTest {

    private static final String FACE = "dev.netpoll.engine";
    private static final String IO = FACE + ".io";
    private static final String STATS = FACE + ".stats";
    private static final String SCHED = FACE + ".internal.sched";
    private static final String POLL = FACE + ".internal.poll";
    private static final String SYS = FACE + ".internal.sys";
    private static final String JSPECIFY = "org.jspecify.annotations";

    /** The JDK's own API for events of one's own. */
    private static final String FLIGHT_RECORDER = "jdk.jfr";

    /** What the JDK's sockets are made and tuned by. */
    private static final String SOCKET_FACTORY = "javax.net";

    private static final String SOCKET_OPTIONS = "jdk.net";

    private final JavaClasses module =
            new ClassFileImporter()
                    .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                    .importPackages(FACE);

    @Test
    void theVocabularyNeedsTheJdkAlone() {
        assertThat(module).hasSizeGreaterThan(30);
        onlyNeeds(IO);
        onlyNeeds(STATS);
    }

    @Test
    void theKernelSeamNeedsTheVocabulary() {
        onlyNeeds(SYS, IO);
    }

    @Test
    void thePollerNeedsTheKernelSeam() {
        onlyNeeds(POLL, SYS, IO, STATS);
    }

    @Test
    void theSchedulerNeedsThePollerAndTheKernelSeam() {
        onlyNeeds(SCHED, POLL, SYS, IO, STATS);
    }

    @Test
    void theFaceNeedsWhatStandsBelowAndNothingElse() {
        onlyNeeds(FACE, SCHED, POLL, SYS, IO, STATS, SOCKET_FACTORY, SOCKET_OPTIONS);
    }

    /** A promise is small: what is public outside {@code internal} is for users. */
    @Test
    void theFaceIsSmall() {
        List<String> face =
                module.stream()
                        .filter(type -> type.getModifiers().contains(JavaModifier.PUBLIC))
                        .filter(JavaClass::isTopLevelClass)
                        .map(JavaClass::getName)
                        .filter(name -> !name.startsWith(FACE + ".internal"))
                        .toList();
        assertThat(face).hasSizeLessThanOrEqualTo(20);
    }

    /** Internal types in the face's signatures would be exported in all but name. */
    @Test
    void noSignatureOfTheFaceNamesAnInternalType() {
        methods()
                .that()
                .areDeclaredInClassesThat()
                .resideInAnyPackage(FACE, IO, STATS)
                .and()
                .arePublic()
                .should()
                .notHaveRawReturnType(resideInAnyPackage(FACE + ".internal.."))
                .andShould()
                .notHaveRawParameterTypes(anyElementThat(resideInAnyPackage(FACE + ".internal..")))
                .check(module);
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
                .doNotHaveFullyQualifiedName(SCHED + ".SchedulerHook")
                .and()
                .doNotHaveFullyQualifiedName(SCHED + ".LoopDelays")
                .and()
                .doNotHaveFullyQualifiedName(SCHED + ".JdkSockets")
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
                .doNotHaveFullyQualifiedName(IO + ".SystemTicker")
                .should()
                .callMethod(System.class, "nanoTime")
                .check(module);
    }

    @Test
    void nobodySleeps() {
        noClasses().should().callMethod(Thread.class, "sleep", long.class).check(module);
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.catalina.util.ServerInfo;
import org.apache.coyote.Processor;
import org.apache.tomcat.util.net.AbstractEndpoint;
import org.apache.tomcat.util.net.Acceptor;
import org.apache.tomcat.util.net.SocketProperties;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.FieldModel;
import java.lang.classfile.MethodModel;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledExecutorService;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

class TomcatCompatibilityTest {

    private static final String TESTED = String.join(", ", TomcatCompatibility.TESTED);

    @Test
    void theTomcatOfTheTestsIsOneItWasTestedWith() {
        assertThat(TomcatCompatibility.TESTED)
                .contains(ServerInfo.getServerNumber().replaceFirst("\\.0$", ""));
        assertThat(TomcatCompatibility.ofClasspath().problem()).isNull();
    }

    @Test
    void nothingIsMissingFromTheTomcatItWasCompiledAgainst() {
        assertThat(new ConnectorLinkage(getClass().getClassLoader()).firstMissing()).isNull();
        assertThat(linkage(SocketWrapperBase.class, ClassTransform.ACCEPT_ALL).firstMissing())
                .isNull();
    }

    @Test
    void aMethodThatWentIsMissed() {
        var linkage =
                linkage(
                        AbstractEndpoint.class,
                        ClassTransform.dropping(
                                e ->
                                        e instanceof MethodModel m
                                                && m.methodName()
                                                        .equalsString("countUpOrAwaitConnection")));
        assertThat(linkage.firstMissing())
                .isEqualTo("dev.netpoll.tomcat.NetpollTomcatEndpoint.countUpOrAwaitConnection ()V");
    }

    @Test
    void aMethodOfAnotherClassThatWentIsMissed() {
        var linkage =
                linkage(
                        SocketProperties.class,
                        ClassTransform.dropping(
                                e ->
                                        e instanceof MethodModel m
                                                && m.methodName().equalsString("getTxBufSize")));
        assertThat(linkage.firstMissing())
                .isEqualTo("org.apache.tomcat.util.net.SocketProperties.getTxBufSize ()I");
    }

    @Test
    void aFieldThatWentIsMissed() {
        var linkage =
                linkage(
                        AbstractEndpoint.class,
                        ClassTransform.dropping(
                                e ->
                                        e instanceof FieldModel f
                                                && f.fieldName().equalsString("connections")));
        assertThat(linkage.firstMissing())
                .isEqualTo("dev.netpoll.tomcat.NetpollTomcatEndpoint.connections Ljava/util/Map;");
    }

    @Test
    void aClassThatWentIsMissed() {
        assertThat(linkage(Acceptor.class, null).firstMissing())
                .contains(Acceptor.class.getName().replace('.', '/'));
    }

    @Test
    void anAbstractMethodThatCameIsMissed() {
        var linkage =
                linkage(
                        SocketWrapperBase.class,
                        ClassTransform.endHandler(
                                builder ->
                                        builder.withMethod(
                                                "newlyAsked",
                                                MethodTypeDesc.of(ConstantDescs.CD_void),
                                                ClassFile.ACC_PUBLIC | ClassFile.ACC_ABSTRACT,
                                                _ -> {})));
        assertThat(linkage.firstMissing())
                .startsWith("an implementation of ")
                .contains("newlyAsked()")
                .endsWith("dev.netpoll.tomcat.NetpollSocketWrapper");
    }

    @Test
    void aTomcatThatIsNotKnownAndFitsIsTakenAndSaidSo() {
        List<String> said = new CopyOnWriteArrayList<>();
        Logger logger = Logger.getLogger(TomcatCompatibility.class.getName());
        Handler recorder = recorder(said);
        logger.addHandler(recorder);
        try {
            var fit =
                    fit(
                            new ConnectorLinkage(getClass().getClassLoader()),
                            TomcatCompatibility.PROTOCOL);

            assertThat(fit.problem()).isNull();
            assertThat(said)
                    .containsExactly(
                            "INFO netpoll was tested with Tomcat "
                                    + TESTED
                                    + ", and runs on Tomcat 11.9.9, which has all it needs");
        } finally {
            logger.removeHandler(recorder);
        }
    }

    private static Handler recorder(List<String> said) {
        return new Handler() {
            @Override
            public void publish(LogRecord record) {
                said.add(record.getLevel() + " " + record.getMessage());
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
    }

    @Test
    void aTomcatThatIsNotKnownAndDoesNotFitIsAnObstacle() {
        var fit = fit(linkage(Acceptor.class, null), TomcatCompatibility.PROTOCOL);

        String problem = fit.problem();
        assertThat(problem)
                .startsWith("Tomcat 11.9.9 does not have what the connector needs: ")
                .contains("Acceptor");
    }

    @ParameterizedTest
    @ValueSource(classes = {FailsToStart.class, FailsToProcess.class})
    void aTomcatOnWhichTheConnectorFailsIsAnObstacle(Class<?> protocol) {
        var fit = fit(new ConnectorLinkage(getClass().getClassLoader()), protocol.getName());

        String problem = fit.problem();
        assertThat(problem).startsWith("the connector does not run on Tomcat 11.9.9: ");
    }

    /** As what happened on Tomcat 11.0.22: it linked, and its getters unboxed a null. */
    public static final class FailsToStart extends NetpollHttp11Protocol {
        @Override
        public ScheduledExecutorService getUtilityExecutor() {
            throw new NullPointerException("unboxed");
        }
    }

    /** Has its port open already when it meets what is not there. */
    public static final class FailsToProcess extends NetpollHttp11Protocol {
        @Override
        protected Processor createProcessor() {
            throw new NoSuchMethodError("org.apache.tomcat.gone()");
        }
    }

    private static TomcatCompatibility fit(ConnectorLinkage linkage, String protocol) {
        return new TomcatCompatibility("11.9.9", linkage, new ConnectorSelfTest(protocol));
    }

    private static ConnectorLinkage linkage(Class<?> patient, @Nullable ClassTransform operation) {
        return new ConnectorLinkage(new DoctoredTomcat(patient, operation));
    }
}

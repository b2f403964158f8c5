package dev.netpoll.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.tomcat.NetpollHttp11Protocol;

import org.apache.catalina.util.ServerInfo;
import org.apache.coyote.Processor;
import org.apache.tomcat.util.net.AbstractEndpoint;
import org.apache.tomcat.util.net.Acceptor;
import org.apache.tomcat.util.net.SocketProperties;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.FieldModel;
import java.lang.classfile.MethodModel;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.concurrent.ScheduledExecutorService;

@ExtendWith(OutputCaptureExtension.class)
class TomcatFitTest {

    private static final String TESTED = String.join(", ", TomcatFit.TESTED);

    @Test
    void theTomcatOfTheTestsIsOneItWasTestedWith() {
        assertThat(TomcatFit.TESTED)
                .contains(ServerInfo.getServerNumber().replaceFirst("\\.0$", ""));
        assertThat(TomcatFit.ofClasspath().obstacle()).isNull();
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
                                                        .equalsString("countDownConnection")));
        assertThat(linkage.firstMissing())
                .isEqualTo("dev.netpoll.tomcat.NetpollTomcatEndpoint.countDownConnection ()J");
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
    void aTomcatThatIsNotKnownAndFitsIsTakenAndSaidSo(CapturedOutput output) {
        var fit = fit(new ConnectorLinkage(getClass().getClassLoader()), Servers.EPOLL);

        assertThat(fit.obstacle()).isNull();
        assertThat(output)
                .containsOnlyOnce(
                        "INFO TomcatFit netpoll was tested with Tomcat "
                                + TESTED
                                + ", and runs on Tomcat 11.9.9, which has all it needs");
    }

    @Test
    void aTomcatThatIsNotKnownAndDoesNotFitIsAnObstacle() {
        var fit = fit(linkage(Acceptor.class, null), Servers.EPOLL);

        Obstacle obstacle = fit.obstacle();
        assertThat(obstacle).isNotNull();
        assertThat(obstacle.reason())
                .startsWith("Tomcat 11.9.9 does not have what the connector needs: ")
                .contains("Acceptor");
        assertThat(obstacle.action())
                .isEqualTo(
                        "netpoll was tested with Tomcat "
                                + TESTED
                                + ": use that, or a newer netpoll.");
    }

    @ParameterizedTest
    @ValueSource(classes = {FailsToStart.class, FailsToProcess.class})
    void aTomcatOnWhichTheConnectorFailsIsAnObstacle(Class<?> protocol) {
        var fit = fit(new ConnectorLinkage(getClass().getClassLoader()), protocol.getName());

        Obstacle obstacle = fit.obstacle();
        assertThat(obstacle).isNotNull();
        assertThat(obstacle.reason()).startsWith("the connector does not run on Tomcat 11.9.9: ");
        assertThat(obstacle.action()).startsWith("netpoll was tested with Tomcat " + TESTED);
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

    private static TomcatFit fit(ConnectorLinkage linkage, String protocol) {
        return new TomcatFit("11.9.9", linkage, new ConnectorRehearsal(protocol));
    }

    private static ConnectorLinkage linkage(Class<?> patient, @Nullable ClassTransform operation) {
        return new ConnectorLinkage(new DoctoredTomcat(patient, operation));
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.testsupport.Bounded;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.context.ConfigurableApplicationContext;

import java.io.IOException;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.FutureTask;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** An application that is started again and again in one JVM, each time by another class loader, as devtools does. */
@Timeout(120)
class RestartTest {

    /** The JDK's and the build's, and those that end by themselves a moment later. */
    private static final Pattern OTHERS =
            Pattern.compile(
                    "parallel-.*|(Read|Write|Master)-Poller|VirtualThread-.*|ForkJoinPool.*|Common-Cleaner|Keep-Alive-.*|process"
                        + " reaper.*|Attach"
                        + " Listener|surefire-.*|junit-.*|test-background|JFR.*|netpoll-context-timer|C[12]"
                        + " .*|InnocuousThread.*");

    /** Has the application's own classes anew, as devtools has, and the libraries' from its parent. */
    private static final class RestartLoader extends URLClassLoader {

        private static final String APPLICATION = RestartTest.class.getPackageName() + ".";

        RestartLoader() {
            super(
                    new URL[] {
                        RestartTest.class.getProtectionDomain().getCodeSource().getLocation()
                    },
                    RestartTest.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            synchronized (getClassLoadingLock(name)) {
                Class<?> loaded = findLoadedClass(name);
                if (loaded == null && name.startsWith(APPLICATION)) {
                    loaded = findOrNull(name);
                }
                return loaded == null ? super.loadClass(name, resolve) : loaded;
            }
        }

        private Class<?> findOrNull(String name) {
            try {
                return findClass(name);
            } catch (ClassNotFoundException ofTheLibraries) {
                return null;
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "netpoll.tomcat.enabled=true",
                "netpoll.tomcat.enabled=false",
                "netpoll.enabled=false"
            })
    void anApplicationStartedAgainInAnotherClassLoaderLeavesNoThreadAndNoSocket(String setting)
            throws Exception {
        startAndClose(setting); // what a JVM opens once and keeps is open
        Set<Thread> threads = threads();
        int sockets = sockets();
        for (int i = 0; i < 2; i++) {
            startAndClose(setting);
        }
        Bounded.until(() -> beyond(threads).isEmpty(), () -> beyond(threads));
        Bounded.until(() -> sockets() <= sockets, RestartTest::sockets);
    }

    private static void startAndClose(String setting) throws Exception {
        RestartLoader loader = new RestartLoader();
        FutureTask<Void> run =
                new FutureTask<>(
                        () -> {
                            serveOnce(loader, setting);
                            return null;
                        });
        Thread thread = new Thread(run, "restartedMain");
        thread.setContextClassLoader(loader);
        thread.start();
        Bounded.value(run);
        Bounded.join(thread);
    }

    private static void serveOnce(ClassLoader loader, String setting) throws Exception {
        Class<?> application = loader.loadClass(EchoApplication.class.getName());
        assertThat(application).isNotEqualTo(EchoApplication.class);
        Method run =
                loader.loadClass(ActuatorApplication.class.getName())
                        .getDeclaredMethod("run", Class.class, String[].class);
        run.setAccessible(true);
        String[] properties = {"--" + setting};
        try (var context =
                (ConfigurableApplicationContext) run.invoke(null, application, properties)) {
            int port = Servers.serverOf(context).getPort();
            assertThat(RawHttp.get(port, "/thread"))
                    .isEqualTo(
                            setting.equals("netpoll.tomcat.enabled=true") ? "virtual" : "platform");
            assertThat(RawHttp.get(port, "/async")).isNotEmpty();
        }
    }

    private static Set<Thread> threads() {
        Set<Thread> threads = new HashSet<>(Thread.getAllStackTraces().keySet());
        threads.removeIf(thread -> OTHERS.matcher(thread.getName()).matches());
        return threads;
    }

    private static Set<Thread> beyond(Set<Thread> before) {
        Set<Thread> now = threads();
        now.removeAll(before);
        return now;
    }

    /** Sockets, pipes and the kernel's other descriptors without a file. */
    private static int sockets() {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return (int) open.filter(RestartTest::isNoFile).count();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static boolean isNoFile(Path descriptor) {
        try {
            return !Files.readSymbolicLink(descriptor).toString().startsWith("/");
        } catch (IOException closedMeanwhile) {
            return false;
        }
    }
}

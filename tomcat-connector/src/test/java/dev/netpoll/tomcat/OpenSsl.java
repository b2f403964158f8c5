// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.util.Set;

/** TLS by OpenSSL, through Tomcat's binding of it: the jar comes with the build, the library from the machine. */
final class OpenSsl {

    static final String BINDING = "org.apache.tomcat.util.net.openssl.panama.OpenSSLImplementation";

    private static final String LIBRARY = System.mapLibraryName("ssl");

    private OpenSsl() {}

    /** {@code plain} over it. Where there is none the test is abandoned, or fails in CI. */
    static TlsUnderTest over(ConnectorUnderTest plain, Set<String> habits) {
        if (!isHere()) {
            String why =
                    LIBRARY + " is needed for TLS by OpenSSL and is not here (Debian: libssl-dev)";
            if (System.getenv("CI") != null) {
                fail(why);
            }
            assumeTrue(false, why);
        }
        return new TlsUnderTest(plain, habits, BINDING);
    }

    private static boolean isHere() {
        try (Arena arena = Arena.ofConfined()) {
            return SymbolLookup.libraryLookup(LIBRARY, arena).find("SSL_new").isPresent();
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}

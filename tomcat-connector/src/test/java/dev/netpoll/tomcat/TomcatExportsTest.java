// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.catalina.connector.Connector;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** On the module path the connector has what Tomcat's module exports, and no more; tests run on the class path. */
class TomcatExportsTest {

    private static final String TOMCAT = "org.apache.";

    @Test
    void theConnectorRefersToNothingThatTomcatsModuleKeepsToItself() throws Exception {
        Set<String> exported = exportedBy(Connector.class);
        assertThat(exported).contains("org.apache.coyote", "org.apache.tomcat.util.net");
        try (Stream<Path> files = Files.walk(home(NetpollHttp11Protocol.class))) {
            List<Path> classes = files.filter(file -> file.toString().endsWith(".class")).toList();
            assertThat(classes).hasSizeGreaterThan(50);
            assertThat(classes).allSatisfy(file -> assertThat(used(file)).isSubsetOf(exported));
        }
    }

    private static Set<String> exportedBy(Class<?> tomcats) throws URISyntaxException {
        ModuleDescriptor descriptor =
                ModuleFinder.of(home(tomcats)).findAll().iterator().next().descriptor();
        return descriptor.exports().stream()
                .filter(exports -> !exports.isQualified())
                .map(ModuleDescriptor.Exports::source)
                .collect(Collectors.toSet());
    }

    private static Path home(Class<?> type) throws URISyntaxException {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    }

    /** Tomcat's packages of which this class refers to a class. */
    private static Set<String> used(Path file) {
        try {
            return StreamSupport.stream(
                            ClassFile.of().parse(file).constantPool().spliterator(), false)
                    .filter(ClassEntry.class::isInstance)
                    .map(entry -> ((ClassEntry) entry).asInternalName().replace('/', '.'))
                    .filter(name -> name.startsWith(TOMCAT))
                    .map(name -> name.substring(0, name.lastIndexOf('.')))
                    .collect(Collectors.toSet());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

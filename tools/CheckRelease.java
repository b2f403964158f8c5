// SPDX-License-Identifier: Apache-2.0
import org.w3c.dom.Element;
import org.w3c.dom.Node;

import java.io.IOException;
import java.lang.module.FindException;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

import javax.xml.parsers.DocumentBuilderFactory;

/**
 * Checks a Maven repository in a folder for what Maven Central demands of each artifact: the pom's
 * fields, the jars of classes, sources and Javadoc, signatures and checksums; and that each jar is a
 * module.
 *
 * <p>Run by {@code release-check.sh}; gpg verifies the signatures with the keys of {@code GNUPGHOME}.
 * What has to be there is what the BOM lists, the BOM, and the parent of the poms; nothing else may.
 */
final class CheckRelease {

    private static final String GROUP = "dev.netpoll";
    private static final String BOM = "netpoll-bom";
    private static final Set<String> POMS = Set.of(BOM, "netpoll-parent");
    private static final Map<String, String> CHECKSUMS = Map.of("md5", "MD5", "sha1", "SHA-1");

    private final Path group;
    private final String version;
    private final List<String> faults = new ArrayList<>();

    private CheckRelease(Path repository, String version) {
        this.group = repository.resolve(GROUP.replace('.', '/'));
        this.version = version;
    }

    public static void main(String[] args) throws Exception {
        CheckRelease check = new CheckRelease(Path.of(args[0]), args[1]);
        Set<String> artifacts = check.everything();
        check.faults.forEach(System.err::println);
        if (!check.faults.isEmpty()) {
            System.exit(1);
        }
        System.out.println("complete: " + String.join(", ", artifacts));
    }

    private Set<String> everything() throws Exception {
        Set<String> expected = new TreeSet<>(POMS);
        Element managed = child(child(pom(BOM), "dependencyManagement"), "dependencies");
        for (Element dependency : elements(managed)) {
            expected.add(text(dependency, "artifactId"));
        }
        Set<String> published = new TreeSet<>(names(group));
        require(published.equals(expected), "published: " + published + ", expected: " + expected);
        published.retainAll(expected);
        for (String artifact : published) {
            files(artifact);
            fields(artifact);
        }
        modules();
        return expected;
    }

    private void files(String artifact) throws Exception {
        List<String> suffixes = new ArrayList<>(List.of(".pom"));
        if (!POMS.contains(artifact)) {
            suffixes.addAll(List.of(".jar", "-sources.jar", "-javadoc.jar"));
        }
        Set<String> unexpected = new TreeSet<>(names(folder(artifact)));
        for (String suffix : suffixes) {
            Path file = file(artifact, suffix);
            unexpected.removeIf(
                    name ->
                            name.matches(
                                    "\\Q" + file.getFileName() + "\\E(\\.asc)?(\\.[a-z0-9]+)?"));
            if (Files.isRegularFile(file)) {
                checksums(file);
                signature(file);
            } else {
                require(false, "missing: " + file);
            }
        }
        require(unexpected.isEmpty(), artifact + ": not to be published: " + unexpected);
        if (!POMS.contains(artifact)) {
            require(has(artifact, ".jar", ".*\\.class"), artifact + ": no classes");
            require(has(artifact, "-sources.jar", ".*\\.java"), artifact + ": no sources");
            require(has(artifact, "-javadoc.jar", "index\\.html"), artifact + ": no Javadoc");
        }
    }

    private void checksums(Path file) throws Exception {
        for (Map.Entry<String, String> kind : CHECKSUMS.entrySet()) {
            Path sum = beside(file, kind.getKey());
            byte[] digest =
                    MessageDigest.getInstance(kind.getValue()).digest(Files.readAllBytes(file));
            require(
                    Files.isRegularFile(sum)
                            && Files.readString(sum)
                                    .trim()
                                    .equals(HexFormat.of().formatHex(digest)),
                    "no " + kind.getKey() + ", or a wrong one: " + file);
        }
    }

    private void signature(Path file) throws Exception {
        Path signature = beside(file, "asc");
        if (!Files.isRegularFile(signature)) {
            require(false, "not signed: " + file);
            return;
        }
        Process gpg =
                new ProcessBuilder(
                                "gpg", "--batch", "--verify", signature.toString(), file.toString())
                        .redirectErrorStream(true)
                        .start();
        String said = new String(gpg.getInputStream().readAllBytes());
        require(gpg.waitFor() == 0, "the signature is not valid: " + file + "\n" + said);
    }

    /** What Central asks of a pom; a child has from its parents what it does not say itself. */
    private void fields(String artifact) throws Exception {
        if (!Files.isRegularFile(file(artifact, ".pom"))) {
            return;
        }
        Element pom = pom(artifact);
        for (String field : List.of("name", "description")) {
            require(!text(pom, field).isEmpty(), artifact + ": no " + field);
        }
        for (String field :
                List.of(
                        "url",
                        "licenses/license/name",
                        "licenses/license/url",
                        "developers/developer/name",
                        "scm/connection",
                        "scm/developerConnection",
                        "scm/url")) {
            require(!inherited(artifact, field).isEmpty(), artifact + ": no " + field);
        }
        require(
                !Files.readString(file(artifact, ".pom")).contains("-SNAPSHOT"),
                artifact + ": a snapshot in its pom");
        for (Element dependency : elements(child(pom, "dependencies"))) {
            String name = text(dependency, "artifactId");
            require(
                    !text(dependency, "groupId").equals(GROUP)
                            || text(dependency, "scope").equals("test")
                            || Files.isDirectory(folder(name)),
                    artifact + " needs " + name + ", which is not published");
        }
    }

    private String inherited(String artifact, String path) throws Exception {
        Element pom = pom(artifact);
        Element at = pom;
        for (String name : path.split("/")) {
            at = child(at, name);
        }
        Element parent = child(pom, "parent");
        if (at != null || parent == null) {
            return at == null ? "" : at.getTextContent().trim();
        }
        return inherited(text(parent, "artifactId"), path);
    }

    /**
     * Each jar is a module with a descriptor, no package is in two of them, and what a module requires of
     * the others is among them.
     */
    private void modules() throws IOException {
        List<ModuleDescriptor> modules = new ArrayList<>();
        for (String artifact : names(group)) {
            Path jar = file(artifact, ".jar");
            if (Files.isRegularFile(jar)) {
                module(jar).ifPresent(modules::add);
            }
        }
        Set<String> names =
                modules.stream().map(ModuleDescriptor::name).collect(Collectors.toSet());
        require(names.size() == modules.size(), "two jars of one module name: " + names);
        Set<String> packages = new TreeSet<>();
        for (ModuleDescriptor module : modules) {
            for (String each : module.packages()) {
                require(packages.add(each), "package " + each + " is in two modules");
            }
            for (ModuleDescriptor.Requires needed : module.requires()) {
                require(
                        !needed.name().startsWith(GROUP) || names.contains(needed.name()),
                        module.name() + " requires " + needed.name() + ", which is not there");
            }
        }
    }

    private Optional<ModuleDescriptor> module(Path jar) {
        try {
            ModuleDescriptor module = ModuleFinder.of(jar).findAll().iterator().next().descriptor();
            require(!module.isAutomatic(), jar.getFileName() + " has no module descriptor");
            require(
                    module.packages().stream().allMatch(p -> p.startsWith(module.name())),
                    jar.getFileName() + ": module " + module.name() + " has " + module.packages());
            return Optional.of(module);
        } catch (FindException e) {
            require(false, jar.getFileName() + " as a module: " + e.getMessage());
            return Optional.empty();
        }
    }

    private boolean has(String artifact, String suffix, String pattern) throws IOException {
        Path jar = file(artifact, suffix);
        if (!Files.isRegularFile(jar)) {
            return false;
        }
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            return zip.stream().map(ZipEntry::getName).anyMatch(name -> name.matches(pattern));
        }
    }

    private static List<String> names(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (var files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private static Path beside(Path file, String suffix) {
        return file.resolveSibling(file.getFileName() + "." + suffix);
    }

    private Path folder(String artifact) {
        return group.resolve(artifact).resolve(version);
    }

    private Path file(String artifact, String suffix) {
        return folder(artifact).resolve(artifact + "-" + version + suffix);
    }

    private Element pom(String artifact) throws Exception {
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(file(artifact, ".pom").toFile())
                .getDocumentElement();
    }

    private static String text(Element parent, String name) {
        Element child = child(parent, name);
        return child == null ? "" : child.getTextContent().trim();
    }

    private static Element child(Element parent, String name) {
        for (Element child : elements(parent)) {
            if (child.getTagName().equals(name)) {
                return child;
            }
        }
        return null;
    }

    private static List<Element> elements(Element parent) {
        List<Element> elements = new ArrayList<>();
        Node first = parent == null ? null : parent.getFirstChild();
        for (Node node = first; node != null; node = node.getNextSibling()) {
            if (node instanceof Element element) {
                elements.add(element);
            }
        }
        return elements;
    }

    private void require(boolean holds, String fault) {
        if (!holds) {
            faults.add(fault);
        }
    }
}

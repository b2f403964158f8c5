// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.sim;

import dev.netpoll.engine.NetpollEngine;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.FieldModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.Opcode;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.MonitorInstruction;
import java.lang.classfile.instruction.ReturnInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.reflect.AccessFlag;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Weaves the simulation into the engine's class files: a preemption point before each access to what
 * threads share (volatile fields, {@code VarHandle}s, {@code java.util.concurrent}), and the simulated
 * threads and clock in place of the JDK's. The sources stay as they are.
 */
final class Weaver {

    private static final ClassDesc HOOKS = ClassDesc.of("dev.netpoll.engine.sim.world.SimThreads");
    private static final MethodTypeDesc SITE = MethodTypeDesc.ofDescriptor("(I)V");

    private static final MethodTypeDesc VOID = MethodTypeDesc.ofDescriptor("()V");

    private static final String THREAD = "Ljava/lang/Thread;";
    private static final String SCHED = "dev/netpoll/engine/internal/sched/";

    /** Static calls that become calls of a hook of the same shape, by owner and name. */
    private static final Map<String, String> STATIC_CALLS =
            Map.ofEntries(
                    Map.entry("java/util/concurrent/locks/LockSupport.park", "park"),
                    Map.entry("java/util/concurrent/locks/LockSupport.parkNanos", "parkNanos"),
                    Map.entry("java/util/concurrent/locks/LockSupport.unpark", "unpark"),
                    Map.entry("java/lang/Thread.currentThread", "currentThread"),
                    Map.entry("java/lang/Thread.yield", "spin"),
                    Map.entry("java/lang/Thread.onSpinWait", "spin"),
                    Map.entry("java/lang/Thread.ofVirtual", "ofVirtual"),
                    Map.entry("dev/netpoll/engine/io/Ticker.system", "ticker"),
                    Map.entry(SCHED + "LoopThreads.currentCarrier", "currentCarrier"),
                    Map.entry(SCHED + "LoopThreads.builder", "builder"),
                    Map.entry(SCHED + "LoopThreads.startTheJdksPollers", "nothing"),
                    Map.entry(SCHED + "LoopDelays.installed", "installed"));

    /** Calls on a thread, by name and type, that become calls of a hook with the thread in front. */
    private static final Set<String> THREAD_CALLS =
            Set.of(
                    "start()V",
                    "isAlive()Z",
                    "join(J)V",
                    "join()V",
                    "join(Ljava/time/Duration;)Z",
                    "getState()Ljava/lang/Thread$State;",
                    "interrupt()V");

    private final ClassLoader plain;
    private final @Nullable Mutant mutant;

    /** The next preemption point's number: of its class and its place there, so the same in every JVM. */
    private int site;

    private final Set<String> woven = new TreeSet<>();
    private final Set<String> volatiles = new HashSet<>();
    private final Set<String> threads = new HashSet<>(Set.of("java/lang/Thread"));

    Weaver(ClassLoader plain, @Nullable Mutant mutant) throws IOException {
        this.plain = plain;
        this.mutant = mutant;
        Path root = classes();
        try (Stream<Path> files = Files.walk(root)) {
            List<Path> all =
                    files.filter(f -> f.toString().endsWith(".class"))
                            .filter(f -> !f.endsWith("module-info.class"))
                            .sorted()
                            .toList();
            for (Path file : all) {
                survey(ClassFile.of().parse(file));
            }
        }
    }

    private static Path classes() throws IOException {
        try {
            var source = NetpollEngine.class.getProtectionDomain().getCodeSource();
            return Path.of(source.getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new IOException(e);
        }
    }

    private void survey(ClassModel model) {
        String owner = model.thisClass().asInternalName();
        woven.add(owner.replace('/', '.'));
        for (FieldModel field : model.fields()) {
            if (field.flags().has(AccessFlag.VOLATILE)) {
                volatiles.add(owner + "." + field.fieldName().stringValue());
            }
        }
        model.superclass()
                .filter(above -> above.asInternalName().equals("java/lang/Thread"))
                .ifPresent(_ -> threads.add(owner));
    }

    /** The names of the classes that are woven: the engine's own. */
    Set<String> woven() {
        return woven;
    }

    /** The class as the simulation needs it: woven where it is the engine's, mutated where the mutant is. */
    byte[] weave(String name, byte[] original) {
        var hierarchy =
                ClassHierarchyResolver.ofResourceParsing(plain)
                        .orElse(ClassHierarchyResolver.defaultResolver());
        ClassFile files = ClassFile.of(ClassFile.ClassHierarchyResolverOption.of(hierarchy));
        boolean mutated = mutant != null && mutant.isIn(name);
        byte[] unwoven = mutated ? mutate(files, files.parse(original), mutant) : original;
        if (!woven.contains(name)) {
            return unwoven;
        }
        site = name.hashCode() * 31;
        CodeTransform simulate = this::simulate;
        byte[] simulated =
                files.transformClass(
                        files.parse(unwoven),
                        ClassTransform.transformingMethodBodies(Weaver::isWoven, simulate));
        return files.transformClass(
                files.parse(simulated),
                ClassTransform.transformingMethodBodies(
                        Weaver::isSynchronized, new AtomicSection()));
    }

    private static boolean isWoven(MethodModel method) {
        // What runs once must not take part: a seed would differ from its own replay.
        return !method.methodName().equalsString("<clinit>");
    }

    private static boolean isSynchronized(MethodModel method) {
        return method.flags().has(AccessFlag.SYNCHRONIZED);
    }

    /**
     * Holds the preemption points of a synchronized method back: an actor that waited for the monitor would
     * wait in the JVM, where the scheduler does not see it.
     */
    private static final class AtomicSection implements CodeTransform {

        @Override
        public void atStart(CodeBuilder code) {
            code.invokestatic(HOOKS, "enterMonitor", VOID);
        }

        @Override
        public void accept(CodeBuilder code, CodeElement element) {
            if (element instanceof ReturnInstruction) {
                code.invokestatic(HOOKS, "leaveMonitor", VOID);
            }
            code.with(element);
        }
    }

    private static byte[] mutate(ClassFile files, ClassModel model, Mutant mutant) {
        int[] changed = new int[1];
        byte[] mutated =
                files.transformClass(
                        model,
                        ClassTransform.transformingMethodBodies(
                                mutant::isMethod, mutant.transform(() -> changed[0]++)));
        if (changed[0] < mutant.edits()) {
            throw new IllegalStateException(mutant + " finds no longer what it changes");
        }
        return mutated;
    }

    private void simulate(CodeBuilder code, CodeElement element) {
        switch (element) {
            case FieldInstruction field when isVolatile(field) -> point(code).with(field);
            case InvokeInstruction call -> simulateCall(code, call);
            case MonitorInstruction monitor -> {
                boolean enters = monitor.opcode() == Opcode.MONITORENTER;
                code.invokestatic(HOOKS, enters ? "enterMonitor" : "leaveMonitor", VOID);
                code.with(element);
            }
            default -> code.with(element);
        }
    }

    private CodeBuilder point(CodeBuilder code) {
        return code.loadConstant(site++).invokestatic(HOOKS, "point", SITE);
    }

    private boolean isVolatile(FieldInstruction field) {
        return volatiles.contains(
                field.owner().asInternalName() + "." + field.name().stringValue());
    }

    private void simulateCall(CodeBuilder code, InvokeInstruction call) {
        String owner = call.owner().asInternalName();
        String name = call.name().stringValue();
        String type = call.type().stringValue();
        String hook = STATIC_CALLS.get(owner + "." + name);
        if (hook != null) {
            code.invokestatic(HOOKS, hook, call.typeSymbol());
        } else if (threads.contains(owner) && THREAD_CALLS.contains(name + type)) {
            String withThread = "(" + THREAD + type.substring(1);
            code.invokestatic(HOOKS, name, MethodTypeDesc.ofDescriptor(withThread));
        } else if (owner.equals("java/util/concurrent/Executor") && name.equals("execute")) {
            code.invokestatic(
                    HOOKS,
                    "execute",
                    MethodTypeDesc.ofDescriptor(
                            "(Ljava/util/concurrent/Executor;Ljava/lang/Runnable;)V"));
        } else {
            if (isShared(owner) && !name.equals("<init>")) {
                point(code);
            }
            code.with(call);
        }
    }

    private static boolean isShared(String owner) {
        return owner.equals("java/lang/invoke/VarHandle")
                || owner.startsWith("java/util/concurrent/")
                        && !owner.endsWith("LongAdder")
                        && !owner.endsWith("TimeUnit");
    }
}

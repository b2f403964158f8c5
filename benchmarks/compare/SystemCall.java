// SPDX-License-Identifier: Apache-2.0
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Locale;

/**
 * Prints what one system call costs on this machine, in nanoseconds: {@code getppid}, which does nothing but enter the
 * kernel and return; the best of many rounds. It is what tells two machines apart on which the same server does not
 * compare alike with others.
 */
final class SystemCall {

    private static final int ROUNDS = 40;
    private static final int CALLS = 50_000;

    // A constant, so that the compiler calls the function itself.
    private static final MethodHandle GETPPID =
            Linker.nativeLinker()
                    .downcallHandle(
                            Linker.nativeLinker().defaultLookup().findOrThrow("getppid"),
                            FunctionDescriptor.of(ValueLayout.JAVA_INT),
                            Linker.Option.critical(false));

    private SystemCall() {}

    public static void main(String[] args) throws Throwable {
        double best = Double.MAX_VALUE;
        for (int round = 0; round < ROUNDS; round++) {
            best = Math.min(best, round());
        }
        System.out.println(String.format(Locale.ROOT, "%.0f", best));
    }

    private static double round() throws Throwable {
        long sum = 0;
        long start = System.nanoTime();
        for (int i = 0; i < CALLS; i++) {
            sum += (int) GETPPID.invokeExact();
        }
        long nanos = System.nanoTime() - start;
        if (sum < 0) {
            throw new AssertionError("no process has such a parent");
        }
        return (double) nanos / CALLS;
    }
}

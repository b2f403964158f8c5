// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.sim;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.MethodModel;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;

/**
 * The engine without one of its guards: a call in one of its methods is replaced. Each is what a broken twin of
 * an interleaving test does, done to the engine itself.
 */
enum Mutant {
    /** As {@code ParkVersusDeadlineInterleaving}'s twin: announces itself, and does not look again. */
    NO_LOOK_AFTER_ANNOUNCING("poll.PollSlot", "await", "check", 2, Mutant::ready),
    /** As {@code ArmVersusCloseInterleaving}'s twin. */
    NO_LOOK_AFTER_ARMING("poll.PollSlot", "arm", "check", 1, Mutant::ready),
    /** As {@code ParkVersusEventInterleaving}'s twin: parks over an event that came meanwhile. */
    PARKS_OVER_AN_EVENT("poll.PollSlot", "park", "compareAndSet", 1, Mutant::always),
    /** As {@code MovedDeadlineInterleaving}'s twin: expires whatever the deadline is by then. */
    EXPIRES_A_MOVED_DEADLINE("poll.PollSlot", "expire", "compareAndSet", 1, Mutant::always),
    /** As {@code StaleEventInterleaving}'s twin: every use of a number has the same tag. */
    NO_TAG("poll.PollTable", "open", "incrementAndGet", 1, Mutant::one),
    /** A timer that fires early is not armed again. */
    NO_TIMER_AGAIN("poll.PollDesc", "fire", "armTimer", 1, Mutant::nothing),
    /** As the twin of {@code SleepVersusWorkInterleaving}: a sleeping loop is not told of an earlier timer. */
    SLEEPS_PAST_A_NEW_TIMER("poll.PollDesc", "armTimer", "timersMoved", 1, Mutant::nothing),
    /** As the twin of {@code DeadlineVersusCloseInterleaving}: a timer outlives its closed descriptor. */
    NO_LOOK_AFTER_THE_TIMER("poll.PollDesc", "armTimer", "closing", 2, Mutant::no),
    /** A short read is taken for a drained socket though a FIN came along. */
    DRAINED_BEFORE_A_FIN("poll.PolledFd", "receive", "shortReadDrains", 0, Mutant::yes),
    /** The close gives the number back under those who use it. */
    CLOSES_UNDER_ITS_USERS("poll.CountedFd", "close", "letGo", 1, Mutant::dropAll),
    /** As the twin of {@code UseVersusCloseInterleaving}: signals without holding the eventfd open. */
    SIGNALS_A_CLOSED_EVENTFD("poll.EpollPoller", "wakeUp", "enter", 1, Mutant::yes),
    /** A descriptor that is registered while the engine closes is told nothing. */
    REGISTERS_WITH_A_CLOSED_ENGINE("poll.EpollPoller", "register", "isClosed", 1, Mutant::no),
    /** As the twin of {@code SleepVersusWorkInterleaving}: no look at the queue once asleep. */
    SLEEPS_ON_ITS_WORK("sched.EventLoop", "sleep", "isEmpty", 1, Mutant::yes),
    /** As the twin of {@code HandOverInterleaving}: the stuck carrier goes on with the loop it has lost. */
    RUNS_A_LOST_LOOP("sched.LoopState", "endSlice", "compareAndSet", 1, Mutant::force),
    /** As the twin of {@code WakeOnceInterleaving}: an event and a close both start the dispatch. */
    STARTS_TWICE("poll.PollSlot", "evict", "compareAndSet", 1, Mutant::always),
    /** As the twin of {@code DisarmVersusEventInterleaving}: takes back what has been started. */
    DISARMS_WHAT_HAS_STARTED("poll.PollSlot", "disarm", "compareAndSet", 1, Mutant::always),
    /** As the twin of {@code InterruptVersusEventInterleaving}: an interrupt takes an event with it. */
    INTERRUPT_TAKES_THE_EVENT("poll.PollSlot", "park", "compareAndSet", 2, Mutant::always),
    /** As the twin of {@code RenewVersusCancelInterleaving}: a time-out calls off a cancel. */
    RENEWS_A_CANCEL("poll.PollSlot", "renewDeadline", "compareAndSet", 1, Mutant::always),
    /** A loop that sleeps is not told of its work. */
    WORK_WITHOUT_A_SIGNAL("sched.EventLoop", "execute", "wakeIfSleeping", 1, Mutant::no),
    /** What was queued while the loop closed stays in its queue. */
    QUEUES_WITH_A_CLOSED_LOOP("sched.EventLoop", "execute", "handOverQueue", 1, Mutant::nothing),
    /** The timers' lock keeps out none. */
    TIMERS_WITHOUT_A_LOCK("poll.SpinLock", "lock", "compareAndSet", 1, Mutant::yes),
    /** The socket is taken for drained though the wait has ended with an event. */
    DRAINED_AFTER_AN_EVENT("poll.PolledFd", "receive", "hasEvent", 1, Mutant::no),
    /** A thread that loses its wait to a close is not woken. */
    CLOSES_WITHOUT_EVICTING("poll.PollDesc", "close", "evict", 1, Mutant::nothing);

    private static final String ENGINE = "dev.netpoll.engine.internal.";
    private static final ClassDesc WRONGS = ClassDesc.of("dev.netpoll.engine.sim.world.Wrongs");

    private final String type;
    private final String method;
    private final String call;
    private final int occurrence;
    private final Replacement replacement;

    private interface Replacement {
        void write(CodeBuilder code, InvokeInstruction call);
    }

    /** @param occurrence which of the method's calls, 0 for all */
    Mutant(String type, String method, String call, int occurrence, Replacement replacement) {
        this.type = ENGINE + type;
        this.method = method;
        this.call = call;
        this.occurrence = occurrence;
        this.replacement = replacement;
    }

    boolean isIn(String className) {
        return type.equals(className);
    }

    boolean isMethod(MethodModel model) {
        return model.methodName().equalsString(method);
    }

    CodeTransform transform(Runnable found) {
        int[] seen = new int[1];
        return (code, element) -> {
            if (element instanceof InvokeInstruction invoked
                    && invoked.name().equalsString(call)
                    && (++seen[0] == occurrence || occurrence == 0)) {
                found.run();
                replacement.write(code, invoked);
            } else {
                code.with(element);
            }
        };
    }

    // ---- replacements: each takes the call's arguments from the stack
    // ---------------------------------------

    private static void popArguments(CodeBuilder code, InvokeInstruction call) {
        for (ClassDesc argument : call.typeSymbol().parameterList().reversed()) {
            if (argument.descriptorString().equals("J")) {
                code.pop2();
            } else {
                code.pop();
            }
        }
        code.pop(); // the receiver
    }

    private static void nothing(CodeBuilder code, InvokeInstruction call) {
        popArguments(code, call);
    }

    private static void yes(CodeBuilder code, InvokeInstruction call) {
        popArguments(code, call);
        code.iconst_1();
    }

    private static void no(CodeBuilder code, InvokeInstruction call) {
        popArguments(code, call);
        code.iconst_0();
    }

    private static void one(CodeBuilder code, InvokeInstruction call) {
        yes(code, call);
    }

    private static void ready(CodeBuilder code, InvokeInstruction call) {
        popArguments(code, call);
        ClassDesc result = ClassDesc.of("dev.netpoll.engine.io.PollResult");
        code.getstatic(result, "READY", result);
    }

    /** A compare-and-set that sets whatever it finds. */
    private static void always(CodeBuilder code, InvokeInstruction call) {
        boolean isLong = call.typeSymbol().parameterList().getLast().descriptorString().equals("J");
        code.invokestatic(
                WRONGS,
                "set",
                MethodTypeDesc.ofDescriptor(
                        "(Ljava/lang/invoke/VarHandle;Ljava/lang/Object;"
                                + (isLong ? "JJ" : "Ljava/lang/Object;Ljava/lang/Object;")
                                + ")Z"));
    }

    /** A compare-and-set of a long that sets and succeeds. */
    private static void force(CodeBuilder code, InvokeInstruction call) {
        code.invokestatic(
                WRONGS,
                "force",
                MethodTypeDesc.ofDescriptor("(Ljava/lang/invoke/VarHandle;Ljava/lang/Object;JJ)Z"));
    }

    /** {@code drop(0)}: as though no operation were under way. */
    private static void dropAll(CodeBuilder code, InvokeInstruction call) {
        code.iconst_0()
                .invokevirtual(
                        call.owner().asSymbol(), "drop", MethodTypeDesc.ofDescriptor("(I)V"));
    }
}

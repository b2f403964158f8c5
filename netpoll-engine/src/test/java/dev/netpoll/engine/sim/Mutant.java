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
    NO_LOOK_AFTER_ANNOUNCING("internal.poll.PollSlot", "await", edit("check", 2, Mutant::ready)),
    /** As {@code ArmVersusCloseInterleaving}'s twin. */
    NO_LOOK_AFTER_ARMING("internal.poll.PollSlot", "arm", edit("check", 1, Mutant::ready)),
    /** As {@code ParkVersusEventInterleaving}'s twin: parks over an event that came meanwhile. */
    PARKS_OVER_AN_EVENT("internal.poll.PollSlot", "park", edit("compareAndSet", 1, Mutant::always)),
    /** As {@code MovedDeadlineInterleaving}'s twin: expires whatever the deadline is by then. */
    EXPIRES_A_MOVED_DEADLINE(
            "internal.poll.PollSlot", "expire", edit("compareAndSet", 1, Mutant::always)),
    /** As {@code StaleEventInterleaving}'s twin: every use of a number has the same tag. */
    NO_TAG("internal.poll.PollTable", "open", edit("incrementAndGet", 1, Mutant::one)),
    /** A timer that fires early is not armed again. */
    NO_TIMER_AGAIN("internal.poll.PollDesc", "fire", edit("armTimer", 1, Mutant::nothing)),
    /** As the twin of {@code SleepVersusWorkInterleaving}: a sleeping loop is not told of an earlier timer. */
    SLEEPS_PAST_A_NEW_TIMER(
            "internal.poll.PollDesc", "armTimer", edit("timersMoved", 1, Mutant::nothing)),
    /** As the twin of {@code DeadlineVersusCloseInterleaving}: a timer outlives its closed descriptor. */
    NO_LOOK_AFTER_THE_TIMER("internal.poll.PollDesc", "armTimer", edit("closing", 2, Mutant::no)),
    /** A short read is taken for a drained socket though a FIN came along. */
    DRAINED_BEFORE_A_FIN(
            "internal.poll.PolledFd", "receive", edit("shortReadDrains", 0, Mutant::yes)),
    /** The close gives the number back under those who use it. */
    CLOSES_UNDER_ITS_USERS("internal.poll.CountedFd", "close", edit("letGo", 1, Mutant::dropAll)),
    /** As the twin of {@code UseVersusCloseInterleaving}: signals without holding the eventfd open. */
    SIGNALS_A_CLOSED_EVENTFD(
            "internal.poll.EpollPoller",
            "wakeUp",
            edit("enter", 1, Mutant::yes),
            edit("leave", 1, Mutant::nothing)),
    /** A descriptor that is registered while the engine closes is told nothing. */
    REGISTERS_WITH_A_CLOSED_ENGINE(
            "internal.poll.EpollPoller", "register", edit("refuses", 1, Mutant::no)),
    /** As the twin of {@code SleepVersusWorkInterleaving}: no look at the queue once asleep. */
    SLEEPS_ON_ITS_WORK("internal.sched.EventLoop", "sleep", edit("isEmpty", 1, Mutant::yes)),
    /** As the twin of {@code SearchVersusWorkInterleaving}: no look at its neighbours' queues once asleep. */
    SLEEPS_BESIDE_WORK("internal.sched.EventLoop", "sleep", edit("hasWorkFor", 1, Mutant::no)),
    /** As the twin of {@code HandOverInterleaving}: the stuck carrier goes on with the loop it has lost. */
    RUNS_A_LOST_LOOP(
            "internal.sched.LoopState", "endSlice", edit("compareAndSet", 1, Mutant::force)),
    /** As the twin of {@code WakeOnceInterleaving}: an event and a close both start the dispatch. */
    STARTS_TWICE("internal.poll.PollSlot", "evict", edit("compareAndSet", 1, Mutant::always)),
    /** As the twin of {@code DisarmVersusEventInterleaving}: takes back what has been started. */
    DISARMS_WHAT_HAS_STARTED(
            "internal.poll.PollSlot", "disarm", edit("compareAndSet", 1, Mutant::always)),
    /** As the twin of {@code InterruptVersusEventInterleaving}: an interrupt takes an event with it. */
    INTERRUPT_TAKES_THE_EVENT(
            "internal.poll.PollSlot", "park", edit("compareAndSet", 2, Mutant::always)),
    /** As the twin of {@code RenewVersusCancelInterleaving}: a time-out calls off a cancel. */
    RENEWS_A_CANCEL(
            "internal.poll.PollSlot", "renewDeadline", edit("compareAndSet", 1, Mutant::always)),
    /** A loop that sleeps is not told of its work. */
    WORK_WITHOUT_A_SIGNAL(
            "internal.sched.EventLoop", "enqueue", edit("wakeIfSleeping", 1, Mutant::no)),
    /** What was queued while the loop closed stays in its queue. */
    QUEUES_WITH_A_CLOSED_LOOP(
            "internal.sched.EventLoop", "enqueue", edit("handOverQueue", 1, Mutant::nothing)),
    /** The timers' lock keeps out none. */
    TIMERS_WITHOUT_A_LOCK("internal.poll.SpinLock", "lock", edit("compareAndSet", 1, Mutant::yes)),
    /** The socket is taken for drained though the wait has ended with an event. */
    DRAINED_AFTER_AN_EVENT("internal.poll.PolledFd", "receive", edit("hasEvent", 1, Mutant::no)),
    /** A thread that loses its wait to a close is not woken. */
    CLOSES_WITHOUT_EVICTING(
            "internal.poll.PollDesc", "close", edit("evictBoth", 1, Mutant::nothing)),
    /** A deadline that passes before the thread runs takes the event with it. */
    FORGETS_WHAT_CAME_IN_TIME(
            "internal.poll.PollSlot", "startedBy", edit("hasEvent", 1, Mutant::no)),
    /** In the simulated server: the answer in a late handler's place splits or overtakes the handler's own. */
    ANSWERS_OUT_OF_TURN(
            "sim.world.Conversation", "answerWhatIsThere", edit("claim", 1, Mutant::yes));

    private static final String PACKAGE = "dev.netpoll.engine.";
    private static final ClassDesc WRONGS = ClassDesc.of("dev.netpoll.engine.sim.world.Wrongs");

    private final String type;
    private final String method;
    private final Edit[] edits;

    private interface Replacement {
        void write(CodeBuilder code, InvokeInstruction call);
    }

    /** @param occurrence which of the method's calls of that name, 0 for all */
    private record Edit(String call, int occurrence, Replacement replacement) {}

    Mutant(String type, String method, Edit... edits) {
        this.type = PACKAGE + type;
        this.method = method;
        this.edits = edits;
    }

    private static Edit edit(String call, int occurrence, Replacement replacement) {
        return new Edit(call, occurrence, replacement);
    }

    boolean isIn(String className) {
        return type.equals(className);
    }

    boolean isMethod(MethodModel model) {
        return model.methodName().equalsString(method);
    }

    /** @param found runs for each edit that is made */
    CodeTransform transform(Runnable found) {
        int[] seen = new int[edits.length];
        return (code, element) -> {
            for (int i = 0; i < edits.length; i++) {
                if (element instanceof InvokeInstruction invoked
                        && invoked.name().equalsString(edits[i].call)
                        && (++seen[i] == edits[i].occurrence || edits[i].occurrence == 0)) {
                    found.run();
                    edits[i].replacement.write(code, invoked);
                    return;
                }
            }
            code.with(element);
        };
    }

    int edits() {
        return edits.length;
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

    /** Not called; what it would have answered is not used. */
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

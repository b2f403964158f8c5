package dev.netpoll.autoconfigure.context;

import dev.netpoll.context.task.TaskObserver;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;

/**
 * The application's observer of tasks, if it has one, once all singletons are there: contexts come
 * before nearly everything else, and a task of a start that is under way must not make beans. Any
 * thread.
 */
final class LateTaskObserver implements SmartInitializingSingleton {

    private static final TaskObserver NONE = (_, _) -> null;

    private final ObjectProvider<TaskObserver> bean;
    private volatile TaskObserver known = NONE; // written once

    LateTaskObserver(ObjectProvider<TaskObserver> bean) {
        this.bean = bean;
    }

    @Override
    public void afterSingletonsInstantiated() {
        known = bean.getIfUnique(() -> NONE);
    }

    /** The one there is when it is told of a task. */
    TaskObserver observer() {
        return (label, detached) -> known.submitted(label, detached);
    }
}

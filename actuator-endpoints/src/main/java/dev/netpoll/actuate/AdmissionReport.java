package dev.netpoll.actuate;

/** What limits requests, described for {@code /actuator/netpoll}. Asked on any thread. */
@FunctionalInterface
public interface AdmissionReport {

    /** Maps, lists, numbers and strings, or records of them: what becomes JSON. */
    Object describe();
}

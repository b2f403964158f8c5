package dev.netpoll.actuate;

/** What requests are called here. */
final class Labels {

    private Labels() {}

    /** Without path parameters, which can be secrets: {@code ;jsessionid=…}. */
    static String withoutParameters(String label) {
        return label.replaceAll(";[^/? ]*", "");
    }
}

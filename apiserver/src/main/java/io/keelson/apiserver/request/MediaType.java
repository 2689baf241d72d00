package io.keelson.apiserver.request;

/** The formats of objects. */
public enum MediaType {
    JSON("json", true),
    YAML("yaml", false),
    PROTOBUF("vnd.kubernetes.protobuf", true);

    private final String subtype;
    private final boolean streams;

    MediaType(String subtype, boolean streams) {
        this.subtype = subtype;
        this.streams = streams;
    }

    /** As in headers: {@code application/json}. */
    public String text() {
        return "application/" + subtype;
    }

    String subtype() {
        return subtype;
    }

    /** Whether there is a form of it for streams of events. */
    public boolean streams() {
        return streams;
    }
}

package io.keelson.kvstore.apply;

/** Hears how long commands take to be carried out. Called by the apply thread for every command: adds up and returns. */
@FunctionalInterface
public interface ApplyObserver {
    /** @param success whether it did what was asked, rather than being refused */
    void applied(CommandKind kind, boolean success, long nanos);
}

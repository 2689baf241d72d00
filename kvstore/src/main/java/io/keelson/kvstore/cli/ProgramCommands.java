package io.keelson.kvstore.cli;

/**
 * The commands of the program that {@code kv} is one of, for those who show what can be typed. Whoever builds the
 * program offers an implementation to {@link java.util.ServiceLoader}: it depends on this module, which knows none of
 * the others.
 */
public interface ProgramCommands {
    /**
     * A group without words of its own: its flags are those of the program, its children the commands beside {@code kv}
     * and {@code kvstore}.
     */
    Command program();
}

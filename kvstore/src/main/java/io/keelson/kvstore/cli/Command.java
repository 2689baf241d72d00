package io.keelson.kvstore.cli;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One command or group of commands.
 *
 * @param path its words, without the program's name: {@code lease grant}
 * @param usage how it is called, from its last word on
 * @param summary one line
 * @param description more than one line, or empty
 * @param flags its own flags
 * @param children the commands of a group; empty for a command that does something
 */
public record Command(
        String path, String usage, String summary, String description, List<Flag> flags, List<Command> children) {
    /** A command that does something. */
    public static Command of(String path, String usage, String summary, Flag... flags) {
        return new Command(path, usage, summary, "", List.of(flags), List.of());
    }

    /** A group; without children, a command. */
    public static Command group(String path, String usage, String summary, List<Flag> flags, List<Command> children) {
        return new Command(path, usage, summary, "", flags, children);
    }

    Command describedAs(String more) {
        return new Command(path, usage, summary, more, flags, children);
    }

    /** The same with more words in front of its path, and its children's. */
    Command under(String words) {
        String longer = path.isEmpty() ? words : words + " " + path;
        return new Command(
                longer,
                usage,
                summary,
                description,
                flags,
                children.stream().map(child -> child.under(words)).toList());
    }

    String name() {
        return path.substring(path.lastIndexOf(' ') + 1);
    }

    boolean isGroup() {
        return !children.isEmpty();
    }

    @Nullable
    Command child(String word) {
        for (Command child : children) {
            if (child.name().equals(word)) {
                return child;
            }
        }
        return null;
    }

    /** The child of that name or, as etcdctl takes it, the only one whose name the word begins; null when there is none. */
    @Nullable
    Command childBegunBy(String word) {
        Command exact = child(word);
        if (exact != null) {
            return exact;
        }
        List<Command> begun =
                children.stream().filter(child -> child.name().startsWith(word)).toList();
        return begun.size() == 1 ? begun.getFirst() : null;
    }
}

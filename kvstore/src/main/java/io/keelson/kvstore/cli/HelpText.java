package io.keelson.kvstore.cli;

import java.util.List;

/** What {@code --help} prints, in the sections of etcdctl's. */
final class HelpText {
    private HelpText() {}

    static String of(Command command) {
        StringBuilder text = new StringBuilder();
        String path = command.path();
        text.append("NAME:\n\t")
                .append(path.isEmpty() ? KvCommandLine.PROGRAM : path)
                .append(" - ")
                .append(command.summary())
                .append("\n\nUSAGE:\n\t")
                .append(KvCommandLine.PROGRAM)
                .append(' ');
        int lastWord = path.lastIndexOf(' ');
        text.append(lastWord < 0 ? "" : path.substring(0, lastWord + 1))
                .append(command.usage())
                .append(" [flags]\n");
        if (!command.description().isEmpty()) {
            text.append("\nDESCRIPTION:\n");
            command.description()
                    .lines()
                    .forEach(line -> text.append('\t').append(line).append('\n'));
        }
        if (command.isGroup()) {
            text.append("\nCOMMANDS:\n");
            int width = width(command, 0);
            appendCommands(text, command, width);
        }
        List<Flag> flags = command.flags();
        if (!flags.isEmpty()) {
            text.append("\nOPTIONS:\n");
            appendFlags(text, flags);
        }
        text.append("\nGLOBAL OPTIONS:\n");
        appendFlags(text, CommandTree.inheritedFlags(path));
        return text.append('\n').toString();
    }

    private static int width(Command group, int least) {
        int width = least;
        for (Command child : group.children()) {
            width = child.isGroup()
                    ? width(child, width)
                    : Math.max(width, child.path().length());
        }
        return width;
    }

    private static void appendCommands(StringBuilder text, Command group, int width) {
        for (Command child : group.children()) {
            if (child.isGroup()) {
                appendCommands(text, child, width);
            } else {
                text.append('\t')
                        .append(child.path())
                        .repeat(' ', width - child.path().length() + 2)
                        .append(child.summary())
                        .append('\n');
            }
        }
    }

    private static void appendFlags(StringBuilder text, List<Flag> flags) {
        int width = 0;
        for (Flag flag : flags) {
            width = Math.max(width, flag.name().length() + flag.shownInitial().length());
        }
        for (Flag flag : flags) {
            String shown = flag.name() + flag.shownInitial();
            text.append(flag.letter() == 0 ? "      --" : "  -" + flag.letter() + ", --")
                    .append(shown)
                    .repeat(' ', width - shown.length() + 2)
                    .append(flag.usage())
                    .append('\n');
        }
    }
}

package io.keelson.kvstore.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.grpc.StatusRuntimeException;
import io.keelson.kvstore.client.OutcomeUnknownException;
import io.netty.util.internal.logging.InternalLoggerFactory;
import io.netty.util.internal.logging.JdkLoggerFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.LogManager;

/** The {@code kv} command line: finds the command, parses its flags, runs it, and turns failures into exit codes. */
public final class KvCommandLine {
    /** What a user types before a command's own words. */
    static final String PROGRAM = "keelson kv";

    private static final Flag HELP = Flag.bool("help", "help for this command").withLetter('h');
    private static final String HELP_COMMAND = "help";

    private final Console console;

    private KvCommandLine(Console console) {
        this.console = console;
    }

    /**
     * Runs one command.
     *
     * @param arguments without the words {@code keelson kv}; one byte per character ({@link #bytesOf})
     * @return the exit code
     */
    public static int run(List<String> arguments, Console console) {
        KvCommandLine line = new KvCommandLine(console);
        int code;
        try {
            line.dispatch(arguments);
            code = ExitCode.SUCCESS;
            console.flush();
        } catch (CommandFailure e) {
            code = line.report(e);
        } catch (StatusRuntimeException | OutcomeUnknownException | UncheckedIOException | IllegalArgumentException e) {
            code = line.report(CommandFailure.of(ExitCode.ERROR, e));
        }
        console.termination().ended(code);
        return code;
    }

    /**
     * Sets up a process that runs nothing but a command: without logs on its output, and without what Netty loads for
     * servers. To be called before anything of Netty's.
     */
    public static void prepareProcess() {
        System.setProperty("io.netty.transport.noNative", "true");
        System.setProperty("io.netty.jfr.enabled", "false");
        InternalLoggerFactory.setDefaultFactory(JdkLoggerFactory.INSTANCE);
        LogManager.getLogManager().reset();
    }

    /**
     * The arguments of this process as the bytes the shell handed over. Java decodes them in the locale, which loses
     * what is no text; the kernel still has the original.
     */
    public static List<String> bytesOf(String[] arguments) {
        List<String> decoded = new ArrayList<>();
        for (String argument : arguments) {
            decoded.add(ByteText.ofText(argument));
        }
        boolean ascii = true;
        for (String argument : decoded) {
            ascii &= isAscii(argument);
        }
        if (ascii) {
            return decoded;
        }
        try {
            String raw = new String(Files.readAllBytes(Path.of("/proc/self/cmdline")), ISO_8859_1);
            List<String> words = ByteText.split(raw.substring(0, raw.length() - 1), '\0');
            List<String> last = words.subList(words.size() - arguments.length, words.size());
            for (int i = 0; i < arguments.length; i++) {
                if (isAscii(decoded.get(i)) && !decoded.get(i).equals(last.get(i))) {
                    return decoded;
                }
            }
            return last;
        } catch (IOException | IndexOutOfBoundsException e) {
            // Not Linux: what Java decoded has to do.
            return decoded;
        }
    }

    private static boolean isAscii(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) >= 0x80) {
                return false;
            }
        }
        return true;
    }

    private int report(CommandFailure failure) {
        String text = failure.getMessage();
        try {
            console.flush();
            if (text != null) {
                console.errorln("Error: " + text);
            }
        } catch (CommandFailure brokenPipe) {
            return brokenPipe.exitCode();
        }
        return failure.exitCode();
    }

    private void dispatch(List<String> arguments) {
        List<String> rest = new ArrayList<>(arguments);
        Command command = CommandTree.ROOT;
        List<Flag> flags = new ArrayList<>(CommandTree.GLOBAL_FLAGS);
        flags.add(HELP);
        int first = firstWord(rest, flags);
        boolean help = first >= 0 && asksForHelp(rest.get(first));
        if (help) {
            rest.remove(first);
        }
        while (command.isGroup()) {
            int at = firstWord(rest, flags);
            Command child = at < 0 ? null : command.childBegunBy(rest.get(at));
            if (child == null) {
                if (at >= 0 && command.path().isEmpty() && !help) {
                    throw unknownCommand(rest.get(at));
                }
                if (at >= 0 && command.path().isEmpty()) {
                    console.errorln("Unknown help topic [`" + String.join("` `", rest) + "`]");
                }
                break;
            }
            rest.remove(at);
            command = child;
            flags.addAll(command.flags());
        }
        Arguments parsed;
        try {
            parsed = Arguments.parse(flags, rest);
        } catch (IllegalArgumentException e) {
            String text = e.getMessage();
            throw misused(console, command, text == null ? "" : text);
        }
        if (help || parsed.bool("help") || command.isGroup()) {
            console.print(HelpText.of(command));
            return;
        }
        try (Invocation invocation = new Invocation(console, command, parsed, arguments)) {
            Dispatch.run(invocation);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw CommandFailure.of(ExitCode.ERROR, "context canceled");
        } catch (IOException e) {
            throw CommandFailure.of(ExitCode.ERROR, e);
        }
    }

    /** How a call ends whose flags or arguments are wrong: with help, and with the error twice, as etcdctl does. */
    static CommandFailure misused(Console console, Command command, String text) {
        console.print(HelpText.of(command));
        console.errorln("Error: " + text + "\n");
        return CommandFailure.of(ExitCode.ERROR, text);
    }

    private static boolean asksForHelp(String word) {
        return !word.isEmpty() && HELP_COMMAND.startsWith(word) && CommandTree.ROOT.childBegunBy(word) == null;
    }

    private CommandFailure unknownCommand(String word) {
        List<String> suggested = Suggestions.of(
                word, CommandTree.ROOT.children().stream().map(Command::name).toList());
        String text = "unknown command " + GoQuote.quote(word) + " for \"" + PROGRAM + "\""
                + (suggested.isEmpty() ? "" : "\n\nDid you mean this?\n\t" + String.join("\n\t", suggested) + "\n");
        console.errorln("Error: " + text);
        console.errorln("Run '" + PROGRAM + " --help' for usage.");
        return CommandFailure.of(ExitCode.ERROR, text);
    }

    /** Where the first argument stands that is neither a flag nor a flag's value; -1 when there is none. */
    private static int firstWord(List<String> arguments, List<Flag> flags) {
        for (int at = 0; at < arguments.size(); at++) {
            String argument = arguments.get(at);
            if (argument.equals("--")) {
                return -1;
            }
            if (argument.length() < 2 || argument.charAt(0) != '-') {
                return at;
            }
            if (takesNext(argument, flags)) {
                at++;
            }
        }
        return -1;
    }

    private static boolean takesNext(String argument, List<Flag> flags) {
        if (argument.indexOf('=') >= 0) {
            return false;
        }
        boolean isLong = argument.startsWith("--");
        if (!isLong && argument.length() > 2) {
            return false;
        }
        for (Flag flag : flags) {
            boolean same = isLong ? flag.name().equals(argument.substring(2)) : flag.letter() == argument.charAt(1);
            if (same) {
                return flag.kind() != Flag.Kind.BOOL;
            }
        }
        return true;
    }

    /** For a caller that has real text, such as a test. */
    public static List<String> bytesOf(List<String> arguments) {
        return arguments.stream()
                .map(argument -> new String(argument.getBytes(UTF_8), ISO_8859_1))
                .toList();
    }
}

package io.keelson.agent.netlink;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/**
 * Asks the kernel, one request at a time, and waits for its answer for a few seconds at most. Any thread; calls wait for each other.
 */
public final class NetlinkRequests implements AutoCloseable {
    /** The flag of a message that creates what is not there. */
    public static final int CREATE = 0x400;

    /** The flag of a message that replaces what is there. */
    public static final int REPLACE = 0x100;

    /** The flag of a message that fails if there is one already. */
    public static final int EXCLUSIVE = 0x200;

    /** The flag of a message that puts something behind what is there. */
    public static final int APPEND = 0x800;

    /** The flags of a message that asks for all there are. */
    public static final int DUMP = 0x300;

    private static final int REQUEST = 1;
    private static final int ACKNOWLEDGE = 4;
    private static final int ANSWER_MILLIS_MAX = 5000;

    private final NetlinkSocket socket;
    private int sequence = 1;
    private boolean isClosed;

    /** @param socket used by nobody else from now on, and closed with this */
    public NetlinkRequests(NetlinkSocket socket) {
        this.socket = socket;
    }

    /**
     * Has something done.
     *
     * @param what for the text of an error
     * @param body writes what is behind the message's header
     * @throws NetlinkException if the kernel does not do it
     */
    public void change(String what, int type, int flags, Consumer<NetlinkWriter> body) throws NetlinkException {
        ask(what, type, flags, body, _ -> {});
    }

    /**
     * Asks for something that is not much.
     *
     * @throws NetlinkException if the kernel does not tell; {@link Errno#EINTR} if it changed meanwhile
     */
    public List<NetlinkMessage> ask(String what, int type, int flags, Consumer<NetlinkWriter> body)
            throws NetlinkException {
        List<NetlinkMessage> answers = new ArrayList<>();
        ask(what, type, flags, body, answers::add);
        return answers;
    }

    /**
     * The same, of which each answer is told as it comes; which may turn out to be for nothing.
     *
     * @throws NetlinkException if the kernel does not tell; {@link Errno#EINTR} if it changed meanwhile
     */
    public synchronized void ask(
            String what, int type, int flags, Consumer<NetlinkWriter> body, Consumer<NetlinkMessage> answers)
            throws NetlinkException {
        NetlinkWriter writer = new NetlinkWriter(sequence);
        boolean isDump = (flags & DUMP) == DUMP && (flags & CREATE) == 0;
        int number = writer.begin(type, REQUEST | flags | (isDump ? 0 : ACKNOWLEDGE));
        body.accept(writer);
        writer.end();
        send(writer);
        boolean isInterrupted = false;
        while (true) {
            for (NetlinkMessage answer : received(what)) {
                if (answer.sequence() != number) {
                    continue;
                }
                isInterrupted |= (answer.flags() & NetlinkMessage.FLAG_INTERRUPTED) != 0;
                if (answer.isLast()) {
                    if (answer.error() != 0) {
                        throw answer.refusal(what);
                    }
                    if (isInterrupted) {
                        throw new NetlinkException(what, Errno.EINTR);
                    }
                    return;
                }
                answers.accept(answer);
            }
        }
    }

    /** What is to be sent by {@link #transact}. */
    public synchronized NetlinkWriter writer() {
        return new NetlinkWriter(sequence);
    }

    /**
     * Has several things done, all or none.
     *
     * @param messages of {@link #writer}; each asks for an answer but those that begin and end the transaction
     * @param last the number of the last one that asks for an answer
     * @param meaning what a message was to do, for the text of an error
     * @throws NetlinkException if the kernel refuses one of them; then nothing has changed
     */
    public synchronized void transact(NetlinkWriter messages, int last, IntFunction<String> meaning)
            throws NetlinkException {
        int first = sequence;
        send(messages);
        while (true) {
            for (NetlinkMessage answer : received(meaning.apply(last))) {
                if (answer.type() != NetlinkMessage.ERROR || answer.sequence() < first) {
                    continue;
                }
                if (answer.error() != 0) {
                    throw answer.refusal(meaning.apply(answer.sequence()));
                }
                if (answer.sequence() == last) {
                    return;
                }
            }
        }
    }

    private void send(NetlinkWriter writer) throws NetlinkException {
        if (isClosed) {
            throw new NetlinkException("ask the kernel", Errno.EBADF);
        }
        sequence = writer.sequence();
        drain();
        socket.send(writer.written());
    }

    /** Answers to what was given up on are nobody's. */
    private void drain() throws NetlinkException {
        while (true) {
            try {
                if (socket.receive(0).isEmpty()) {
                    return;
                }
            } catch (NetlinkException e) {
                if (e.error() != Errno.ENOBUFS) {
                    throw e;
                }
            }
        }
    }

    private List<NetlinkMessage> received(String what) throws NetlinkException {
        List<NetlinkMessage> messages = socket.receive(ANSWER_MILLIS_MAX);
        if (messages.isEmpty()) {
            throw new NetlinkException(what + ": no answer", Errno.EAGAIN);
        }
        return messages;
    }

    @Override
    public synchronized void close() {
        if (!isClosed) {
            isClosed = true;
            socket.close();
        }
    }
}

package io.keelson.agent.dns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class MessageProperties {
    private static final String LETTERS = "abcXYZ019-_";

    private static DnsName name(Random random) {
        String[] labels = new String[random.nextInt(4)];
        for (int i = 0; i < labels.length; i++) {
            StringBuilder label = new StringBuilder();
            for (int length = 1 + random.nextInt(3); length > 0; length--) {
                label.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
            }
            labels[i] = label.toString();
        }
        return DnsName.parse("svc.cluster.local").below(labels);
    }

    private static ResourceRecord record(Random random) {
        DnsName owner = name(random);
        int seconds = random.nextInt(Integer.MAX_VALUE);
        byte[] octets = new byte[random.nextInt(40)];
        random.nextBytes(octets);
        return switch (random.nextInt(8)) {
            case 0 -> ResourceRecord.address(owner, seconds, Arrays.copyOf(octets, 4));
            case 1 -> ResourceRecord.address(owner, seconds, Arrays.copyOf(octets, 16));
            case 2 -> ResourceRecord.cname(owner, seconds, name(random));
            case 3 -> ResourceRecord.srv(owner, seconds, 10, 80, name(random));
            case 4 -> ResourceRecord.soa(owner, seconds, name(random), name(random), 7, 5);
            case 5 -> ResourceRecord.txt(owner, seconds, "some text");
            case 6 -> ResourceRecord.ptr(owner, seconds, name(random));
            default -> new ResourceRecord(owner, 65_000, 1, seconds, octets);
        };
    }

    private static List<ResourceRecord> records(Random random) {
        List<ResourceRecord> records = new ArrayList<>();
        for (int count = random.nextInt(5); count > 0; count--) {
            records.add(record(random));
        }
        return records;
    }

    private static Message message(Random random) {
        return new Message(
                random.nextInt(1 << 16),
                random.nextInt(1 << 16) & ~Message.TRUNCATED,
                random.nextInt(5) == 0 ? null : new Question(name(random), random.nextInt(300), 1),
                records(random),
                records(random),
                records(random),
                random.nextBoolean() ? null : new Edns(random.nextInt(1 << 16), 0, random.nextBoolean(), null));
    }

    @Property(tries = 500)
    void whatWasWrittenIsRead(@ForAll long seed) throws MalformedMessage {
        Message message = message(new Random(seed));
        byte[] octets = MessageWriter.write(message, Message.OCTETS_MAX);
        assertEquals(message, MessageReader.read(octets, octets.length));
    }

    @Property(tries = 300)
    void whatDoesNotFitIsLeftOutAsAWhole(@ForAll long seed) throws MalformedMessage {
        Random random = new Random(seed);
        List<ResourceRecord> answers = new ArrayList<>();
        for (int count = random.nextInt(60); count > 0; count--) {
            answers.add(record(random));
        }
        List<ResourceRecord> additionals = records(random);
        Question question = Question.of(name(random), RecordType.A);
        Message message =
                new Message(1, Message.RESPONSE, question, answers, List.of(), additionals, new Edns(9, 0, true, null));
        byte[] octets = MessageWriter.write(message, 512);
        assertTrue(octets.length <= 512);
        Message read = MessageReader.read(octets, octets.length);
        assertEquals(question, read.question());
        assertEquals(answers.subList(0, read.answers().size()), read.answers());
        assertEquals(read.answers().size() < answers.size(), read.has(Message.TRUNCATED));
        assertEquals(new Edns(9, 0, true, null), read.edns());
        if (!read.has(Message.TRUNCATED)) {
            assertEquals(additionals.subList(0, read.additionals().size()), read.additionals());
        }
    }

    @Property(tries = 2000)
    void octetsOfStrangersAreReadOrRefused(@ForAll long seed) {
        Random random = new Random(seed);
        byte[] octets = MessageWriter.write(message(random), Message.OCTETS_MAX);
        for (int changes = 1 + random.nextInt(8); changes > 0; changes--) {
            octets[random.nextInt(octets.length)] = (byte) random.nextInt(256);
        }
        int length = random.nextInt(octets.length + 1);
        try {
            Message read = MessageReader.read(octets, length);
            // What could be read can be written, too, whatever it says.
            byte[] again = MessageWriter.write(read, Message.OCTETS_MAX);
            assertTrue(again.length <= Message.OCTETS_MAX);
        } catch (MalformedMessage e) {
            assertTrue(!String.valueOf(e.getMessage()).isEmpty());
        }
    }

    @Property(tries = 300)
    void namesAreReadAsTheyAreWritten(@ForAll byte[] label) {
        byte[] kept = label.length == 0 ? new byte[] {'.'} : Arrays.copyOf(label, Math.min(63, label.length));
        byte[] wire = ByteBuffer.allocate(kept.length + 2)
                .put((byte) kept.length)
                .put(kept)
                .put((byte) 0)
                .array();
        DnsName name = DnsName.ofWire(wire);
        assertTrue(DnsName.parse(name.toString()).sameCase(name), name::toString);
    }

    private static byte[] withName(int... name) {
        ByteBuffer message = ByteBuffer.allocate(12 + name.length + 4);
        message.putLong(0x0001_0000_0001_0000L).putInt(0);
        for (int octet : name) {
            message.put((byte) octet);
        }
        return message.putShort((short) 1).putShort((short) 1).array();
    }

    private static String refusal(byte[] message) {
        return String.valueOf(assertThrows(MalformedMessage.class, () -> MessageReader.read(message, message.length))
                .getMessage());
    }

    @Example
    void pointersLeadBackOnly() {
        assertTrue(refusal(withName(0xc0, 12)).contains("pointer"), "to itself");
        assertTrue(refusal(withName(1, 'a', 0xc0, 12)).contains("pointer"), "to its own begin");
        assertTrue(refusal(withName(0xc0, 14, 0)).contains("pointer"), "forward");
        assertTrue(refusal(withName(0xc0, 4)).contains("pointer"), "into the header");
        assertTrue(refusal(withName(0xc0)).contains("pointer"), "half of one");
        assertTrue(refusal(withName(0x80, 0)).contains("kind"), "no pointer, no label");
        assertTrue(refusal(withName(63, 'a')).contains("beyond"), "a label without an end");
    }

    @Example
    void aNameHasAtMost255Octets() throws MalformedMessage {
        int[] longest = new int[255];
        for (int at = 0; at < 252; at += 63) {
            longest[at] = 62;
        }
        longest[252] = 1;
        byte[] good = withName(longest);
        assertEquals(
                255,
                Objects.requireNonNull(MessageReader.read(good, good.length).question())
                        .name()
                        .length());
        int[] longer = Arrays.copyOf(longest, 256);
        longer[252] = 2;
        assertTrue(refusal(withName(longer)).contains("255"));
    }

    @Example
    void manyPointersToALongNameDoNotFillTheMemory() {
        ByteBuffer bomb = ByteBuffer.allocate(Message.OCTETS_MAX);
        int count = 4000;
        bomb.putInt(0x0001_8000).putShort((short) 1).putShort((short) count).putInt(0);
        for (int i = 0; i < 4; i++) {
            bomb.put((byte) 61).put(new byte[61]);
        }
        bomb.put((byte) 0).putInt(0x0001_0001);
        for (int i = 0; i < count; i++) {
            bomb.putShort((short) 0xc00c)
                    .putShort((short) 5)
                    .putShort((short) 1)
                    .putInt(1);
            bomb.putShort((short) 2).putShort((short) 0xc00c);
        }
        byte[] octets = Arrays.copyOf(bomb.array(), bomb.position());
        assertTrue(refusal(octets).contains("written out"));
    }

    @Example
    void thereIsOneQuestionAndOneOption() {
        byte[] two = withName(0);
        two[5] = 2;
        assertTrue(refusal(two).contains("questions"));
        Message option = Message.query(1, 0, Question.of(DnsName.ROOT, 1), new Edns(1232, 0, false, null));
        byte[] written = MessageWriter.write(option, 512);
        byte[] twice = Arrays.copyOf(written, written.length + 11);
        System.arraycopy(written, written.length - 11, twice, written.length, 11);
        twice[11] = 2;
        assertTrue(refusal(twice).contains("OPT"));
    }
}

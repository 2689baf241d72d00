package io.keelson.agent.embedded;

/**
 * The fields of requests to a pod's shim and of its answers, and the flags in them; {@code shim.h} has the same
 * numbers.
 */
final class ShimTag {
    static final int ID = 1;
    static final int ROOT = 2;
    static final int ARGUMENT = 3;
    static final int ENVIRONMENT = 4;
    static final int DIRECTORY = 5;
    static final int USER = 6;
    static final int GROUP = 7;
    static final int OTHER_GROUP = 8;
    static final int MOUNT = 9;
    static final int DEVICE = 10;
    static final int MASKED = 11;
    static final int READONLY = 12;
    static final int CGROUP = 13;
    static final int MEMORY_EVENTS = 14;
    static final int CAPABILITIES = 15;
    static final int FLAGS = 16;
    static final int SECCOMP = 17;
    static final int OOM_SCORE = 18;
    static final int PROCESSES = 19;
    static final int TARGET = 20;
    static final int LOG = 21;
    static final int SIGNAL = 22;
    static final int HOSTNAME = 23;
    static final int NETWORK = 24;
    static final int SYSCTL = 25;
    static final int SOCKET = 26;
    static final int PORT = 27;
    static final int ROWS = 28;
    static final int COLUMNS = 29;
    static final int APPARMOR = 30;
    static final int UNIFIED_CGROUP = 31;
    static final int DEVICE_FILTER = 32;
    static final int USERS = 33;
    static final int USER_MAP = 34;
    static final int GROUP_MAP = 35;
    static final int OWNER = 36;
    static final int PROGRAM = 37;
    static final int PID_FILE = 38;
    static final int CONSOLE = 39;
    static final int PATH = 40;
    static final int SOURCE = 41;
    static final int TYPE = 42;
    static final int OPTIONS = 43;
    static final int MODE = 44;
    static final int DEVICE_NUMBER = 45;
    static final int PROGRAM_LOG = 46;
    static final int PID = 50;
    static final int CODE = 51;
    static final int OOM_KILLED = 52;
    static final int FINISHED = 53;
    static final int TEXT = 54;
    static final int STATE = 55;
    static final int CONTAINER = 56;
    static final int STARTED = 57;

    static final long TERMINAL = 1;
    static final long INPUT = 2;
    static final long INPUT_ONCE = 4;
    static final long READONLY_ROOT = 8;
    static final long NO_NEW_PRIVILEGES = 16;
    static final long CGROUP_NAMESPACE = 32;
    static final long DIES_WITH_PEER = 64;
    static final long DEVICE_LINKS = 128;
    static final long ALL_PROCESSES = 256;

    /** Flags of a pod. */
    static final long NEW_NETWORK = 1;

    static final long NEW_IPC = 2;
    static final long NEW_NAMES = 4;
    static final long NEW_PROCESSES = 8;
    static final long NEW_USERS = 16;

    /** Whose process namespace a container is in. */
    static final long PROCESSES_OWN = 0;

    static final long PROCESSES_POD = 1;
    static final long PROCESSES_NODE = 2;
    static final long PROCESSES_TARGET = 3;

    /** States in the answer to a question for the status. */
    static final long STARTING = 0;

    static final long RUNNING = 1;
    static final long EXITED = 2;

    private ShimTag() {}
}

package io.keelson.proxy.nft;

/** Numbers of the kernel's interface {@code nf_tables}: messages, attributes, expressions. */
final class Nft {
    static final int SUBSYSTEM = 10;
    static final int BATCH_BEGIN = 0x10;
    static final int BATCH_END = 0x11;
    /** The multicast group that is told of changes. */
    static final int GROUP = 7;

    static final int NEW_TABLE = 0;
    static final int GET_TABLE = 1;
    static final int DELETE_TABLE = 2;
    static final int NEW_CHAIN = 3;
    static final int GET_CHAIN = 4;
    static final int DELETE_CHAIN = 5;
    static final int NEW_RULE = 6;
    static final int GET_RULE = 7;
    static final int DELETE_RULE = 8;
    static final int NEW_SET = 9;
    static final int GET_SET = 10;
    static final int DELETE_SET = 11;
    static final int NEW_ELEMENT = 12;
    static final int GET_ELEMENT = 13;
    static final int DELETE_ELEMENT = 14;
    static final int NEW_GENERATION = 15;
    static final int GET_GENERATION = 16;

    static final int REQUEST = 1;
    static final int ACKNOWLEDGE = 4;
    static final int CREATE = 0x400;
    static final int APPEND = 0x800;

    /** The table's name, which has the same number in messages of all kinds. */
    static final int TABLE = 1;

    static final int CHAIN_NAME = 3;
    static final int CHAIN_HOOK = 4;
    static final int CHAIN_TYPE = 7;
    static final int HOOK_NUMBER = 1;
    static final int HOOK_PRIORITY = 2;

    static final int RULE_CHAIN = 2;
    static final int RULE_EXPRESSIONS = 4;
    static final int RULE_USERDATA = 7;

    static final int SET_NAME = 2;
    static final int SET_FLAGS = 3;
    static final int SET_KEY_TYPE = 4;
    static final int SET_KEY_LENGTH = 5;
    static final int SET_DATA_TYPE = 6;
    static final int SET_DATA_LENGTH = 7;
    static final int SET_DESCRIPTION = 9;
    static final int SET_ID = 10;
    static final int SET_USERDATA = 13;
    static final int DESCRIPTION_SIZE = 1;
    static final int DESCRIPTION_CONCATENATION = 2;
    static final int FIELD_LENGTH = 1;
    static final int FLAG_INTERVAL = 4;
    static final int FLAG_MAP = 8;
    static final int FLAG_TIMEOUT = 0x10;
    static final int FLAG_EVALUATED = 0x20;
    static final int FLAG_CONCATENATION = 0x80;
    static final int DATA_VERDICT = 0xffffff00;

    static final int ELEMENTS_SET = 2;
    static final int ELEMENTS = 3;
    static final int LIST_ELEMENT = 1;
    static final int ELEMENT_KEY = 1;
    static final int ELEMENT_DATA = 2;
    static final int ELEMENT_USERDATA = 6;
    static final int ELEMENT_KEY_END = 10;
    static final int DATA_VALUE = 1;
    static final int DATA_OF_VERDICT = 2;
    static final int VERDICT_CODE = 1;
    static final int VERDICT_CHAIN = 2;

    static final int DROP = 0;
    static final int JUMP = -3;
    static final int GOTO = -4;

    static final int GENERATION_ID = 1;

    private Nft() {}
}

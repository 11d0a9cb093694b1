"""The Python end of a REPL: runs code blocks, one after the other, and asks the host to answer sub-calls.

One process serves one `rlm` call. Descriptor 3 is a socket to the host, 4 the host's interrupt line, 5 its control line
for checkpoints; all are moved out of the way before any user code runs, and 0, 1 and 2 belong to user code. Standard library only, Python 3.9 on.
Modules that are slow to import (json, traceback) are imported when first needed: a REPL should start at once.

A frame on the socket is its payload's length (8 bytes, little endian), a token (16 bytes, towards the host alone) and
the payload: a list of fields, as their number, their lengths (4 bytes each) and their bytes. The first field says what
it is, the second whom it is for.
"""

import _signal
import _thread
import builtins
import fcntl
import os
import resource
import select
import struct
import sys
import time

MAIN_THREAD = _thread.get_ident()
FIRST_PRIVATE_DESCRIPTOR = 900
OPEN_FILES = 1024
PREVIEW = 200
MESSAGE = 2000
ECHO = 100_000
VARIABLES = 1000
NAME = 200
ROLES = ("system", "user", "assistant", "tool")


# What user code sees of failures.


class SubcallError(Exception):
    """A sub-call failed. `kind` is a short word such as `rate_limited`, `message` says what happened."""

    def __init__(self, kind, message=""):
        super().__init__(kind, message)
        self.kind = kind
        self.message = message

    def __str__(self):
        return "%s: %s" % (self.kind, self.message)


class BatchError(Exception):
    """Some sub-calls of a batch failed. `answers` has None, and `errors` a SubcallError, where one did."""

    def __init__(self, answers, errors):
        super().__init__(answers, errors)
        self.answers = answers
        self.errors = errors

    def __str__(self):
        failed = [error for error in self.errors if error is not None]
        first = failed[0] if failed else ""
        return "%d of %d sub-calls failed; the first: %s" % (len(failed), len(self.answers), first)


class LimitReached(BaseException):
    """A limit of the run was reached. `except Exception` does not catch it. `answers` has what a batch still got."""

    def __init__(self, message, answers=None):
        super().__init__(message)
        self.answers = answers


for public in (SubcallError, BatchError, LimitReached):
    public.__module__ = "builtins"


class Listing(str):
    """A text that an echo shows as it is."""

    def __repr__(self):
        return str(self)


class Sizes:
    """How much can be sent to the host at once. It says so itself, and does not take more."""

    def __init__(self, prompt, request, prompts, answer, fields):
        self.prompt = prompt  # bytes of one
        self.request = request  # bytes of all prompts of one request
        self.prompts = prompts
        self.answer = answer  # bytes
        self.fields = fields

    def checked_answer(self, value):
        """The text of a final answer."""
        text = str(value)
        if len(text) * 4 > self.answer:
            size = len(text) if len(text) > self.answer else len(text.encode("utf-8", "replace"))
            if size > self.answer:
                raise ValueError(
                    "the final answer is too long: %d bytes, and at most %d can be given; shorten it, for example "
                    "to a summary or the part that was asked for" % (size, self.answer)
                )
        return text


sizes = Sizes(0, 0, 0, 0, 0)  # set by `start`


# Interrupts.


class Interrupts:
    """Turns the host's word on the interrupt line into KeyboardInterrupt, in user code and nowhere else.

    The line sends SIGINT by itself when something arrives (O_ASYNC), so the host needs no process id and no right to
    signal. Each word is the number of the block it is meant for; a late one does no harm to the next block.
    """

    def __init__(self):
        self.line = -1
        self.block = 0  # the number of the running block, 0 between blocks
        self.shielded = 0
        self.waiting = False  # shielded, but at a place where an exception is harmless
        self.pending = False

    def listen(self, line):
        self.line = line
        self.install()
        fcntl.fcntl(line, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(line, fcntl.F_SETSIG, _signal.SIGINT)
        fcntl.fcntl(line, fcntl.F_SETFL, fcntl.fcntl(line, fcntl.F_GETFL) | os.O_ASYNC | os.O_NONBLOCK)

    def install(self):
        _signal.signal(_signal.SIGINT, self.arrived)

    def arrived(self, signal, frame):
        words = b""
        try:
            words = os.read(self.line, 4096)
            if not words:
                os._exit(0)  # the host is gone
        except BlockingIOError:
            pass  # somebody else's SIGINT
        except OSError:
            pass
        if not self.block:
            return
        if words and not any(
            int.from_bytes(words[i : i + 8], "little") == self.block for i in range(0, len(words), 8)
        ):
            return
        if self.shielded and not self.waiting:
            self.pending = True
            return
        raise KeyboardInterrupt

    def shield(self):
        if _thread.get_ident() == MAIN_THREAD:
            self.shielded += 1

    def unshield(self):
        if _thread.get_ident() == MAIN_THREAD:
            self.shielded -= 1
            if not self.shielded and self.pending:
                self.pending = False
                if self.block:
                    raise KeyboardInterrupt

    def wait(self, blocking, *arguments):
        """Calls something that blocks and has no effect when it is interrupted."""
        if _thread.get_ident() != MAIN_THREAD:
            return blocking(*arguments)
        if self.pending and self.block:
            self.pending = False
            raise KeyboardInterrupt
        self.waiting = True
        try:
            return blocking(*arguments)
        finally:
            self.waiting = False


interrupts = Interrupts()


# Which block asks.


class Origin(_thread._local):
    """The block that the calling thread belongs to: the one that started it, also once that has ended."""

    block = 0


origin = Origin()


def follow_threads():
    """Has each new thread know the block that started it. Only user code starts threads."""
    modules = [_thread] + ([sys.modules["threading"]] if "threading" in sys.modules else [])
    for name in ("start_new_thread", "start_new", "start_joinable_thread"):
        if hasattr(_thread, name):
            start = following(getattr(_thread, name))
            for module in modules:
                setattr(module, name if module is _thread else "_" + name, start)


def following(start):
    def start_thread(function, *arguments, **options):
        block = origin.block

        def run(*values, **named):
            origin.block = block
            return function(*values, **named)

        return start(run if callable(function) else function, *arguments, **options)

    return start_thread


# Randomness.


class RandomSeed:
    """Seeds `random` when it is first imported: importing it at the start would take longer than all else there."""

    def __init__(self, seed):
        self.seed = seed

    def find_spec(self, name, path=None, target=None):
        if name != "random" or path is not None:
            return None
        sys.meta_path.remove(self)
        spec = sys.modules["_frozen_importlib"]._find_spec(name, path)
        if spec is not None and spec.origin and spec.origin.startswith(os.path.dirname(os.__file__)):
            load = spec.loader.exec_module

            def seeded(module):
                load(module)
                module.seed(self.seed)

            spec.loader.exec_module = seeded
        return spec

    def apply(self):
        if "random" in sys.modules:
            sys.modules["random"].seed(self.seed)
        else:
            sys.meta_path.insert(0, self)


# The socket.


class Slot:
    """Where a thread waits for its frame."""

    __slots__ = ("frame", "bell", "rung", "sleeps")

    def __init__(self):
        self.frame = None
        self.bell = _thread.allocate_lock()
        self.bell.acquire()
        self.rung = False
        self.sleeps = False

    def ring(self):
        if not self.rung:
            self.rung = True
            self.bell.release()


class Channel:
    """Frames to and from the host, for any number of threads.

    There is no thread for reading: whoever waits reads, for the others too, and hands over when its own frame is
    there. A process with one thread stays one with one thread.
    """

    def __init__(self, descriptor):
        self.descriptor = descriptor
        self.process = os.getpid()
        self.token = b""
        self.sending = _thread.allocate_lock()
        self.mutex = _thread.allocate_lock()
        self.slots = {0: Slot()}  # 0 is the main loop's, for blocks
        self.reading = False
        self.last = 0
        self.poll = select.poll()
        self.poll.register(descriptor, select.POLLIN)

    def send(self, fields):
        fields = [field if isinstance(field, bytes) else str(field).encode("utf-8", "replace") for field in fields]
        lengths = struct.pack("<%dI" % (len(fields) + 1), len(fields), *map(len, fields))
        size = len(lengths) + sum(map(len, fields))
        data = b"".join([size.to_bytes(8, "little"), self.token, lengths] + fields)
        interrupts.shield()
        try:
            with self.sending:
                done = os.write(self.descriptor, data)
                if done < len(data):
                    rest = memoryview(data)[done:]
                    while rest:
                        rest = rest[os.write(self.descriptor, rest) :]
        finally:
            interrupts.unshield()

    def take(self, count):
        chunk = os.read(self.descriptor, count)
        if len(chunk) == count:
            return chunk
        chunks = []
        while True:
            if not chunk:
                os._exit(0)  # the host is gone
            chunks.append(chunk)
            count -= len(chunk)
            if not count:
                return b"".join(chunks)
            chunk = os.read(self.descriptor, min(count, 1 << 20))

    def read(self):
        interrupts.wait(self.poll.poll)
        payload = self.take(int.from_bytes(self.take(8), "little"))
        count = int.from_bytes(payload[:4], "little")
        at = 4 + 4 * count
        fields = []
        for length in struct.unpack_from("<%dI" % count, payload, 4):
            fields.append(payload[at : at + length])
            at += length
        return fields

    def open(self):
        """A new number to ask under."""
        with self.mutex:
            self.last += 1
            self.slots[self.last] = Slot()
            return self.last

    def wait(self, number):
        """The next frame for this number."""
        interrupts.shield()
        slot = self.slots[number]
        try:
            while True:
                with self.mutex:
                    slot.rung = slot.sleeps = False
                    if slot.frame is not None:
                        frame, slot.frame = slot.frame, None
                        if number:
                            del self.slots[number]
                        return frame
                    slot.sleeps = self.reading
                    if not slot.sleeps:
                        self.reading = True
                if slot.sleeps:
                    interrupts.wait(slot.bell.acquire)
                    continue
                try:
                    fields = self.read()
                    other = self.slots.get(int(fields[1]))
                    if other is not None:
                        with self.mutex:
                            other.frame = fields
                            if other.sleeps:
                                other.ring()
                finally:
                    self.reading = False
        finally:
            with self.mutex:
                slot.sleeps = False
                # Somebody else has to read from now on.
                if not self.reading:
                    for other in self.slots.values():
                        if other.sleeps:
                            other.ring()
                            break
            interrupts.unshield()

    def drop(self, number):
        """Nobody waits any more."""
        with self.mutex:
            self.slots.pop(number, None)
        self.send(["drop", number])


# Checkpoints.


class Checkpoints:
    """Pictures of this process between two blocks, to go back to.

    To take one, the process forks: the parent freezes, and the child goes on. A picture is gone back to by having the
    frozen process fork again, so that it can be gone back to any number of times. What is frozen waits on its control line
    with all signals blocked and runs no user code. The host passes what a process that goes on needs: a socket and lines
    of its own, so that it hears at once when that one ends.
    """

    def __init__(self, channel, control):
        self.channel = channel
        self.control = control
        self.forking = False
        self.register = os.register_at_fork
        self.register(after_in_child=self.unless_forking(self.forget))
        os.register_at_fork = self.register_at_fork

    def register_at_fork(self, **hooks):
        """What is to happen in forks of user code does not happen in these: `random` would be seeded anew, for one."""
        self.register(**{when: self.unless_forking(hook) if callable(hook) else hook for when, hook in hooks.items()})

    def unless_forking(self, hook):
        def run():
            if not self.forking:
                hook()

        return run

    def forget(self):
        """In a child that user code forked: socket and lines are the parent's."""
        for descriptor in (self.channel.descriptor, interrupts.line, self.control):
            try:
                os.close(descriptor)
            except OSError:
                pass

    def take(self, number):
        """Takes a picture, and returns what the host is told: by the child, and by each process that goes on from it."""
        fresh = self.receive()
        obstacle = self.obstacle()
        if obstacle is None:
            places = file_places()
            mask = _signal.pthread_sigmask(_signal.SIG_BLOCK, _signal.valid_signals())
            try:
                child = self.fork()
            except OSError as error:
                obstacle = "no process could be started: %s" % error.strerror
                _signal.pthread_sigmask(_signal.SIG_SETMASK, mask)
        if obstacle is not None:
            for descriptor in fresh:
                os.close(descriptor)
            return ["refused", 0, number, obstacle]
        if child:
            os.close(fresh[0])
            fresh = self.freeze()
            for descriptor, place in places:
                try:
                    os.lseek(descriptor, place, os.SEEK_SET)
                except OSError:
                    pass
        os.close(self.control)
        self.control = fcntl.fcntl(fresh[0], fcntl.F_DUPFD_CLOEXEC, FIRST_PRIVATE_DESCRIPTOR)
        os.close(fresh[0])
        self.channel.process = os.getpid()
        interrupts.listen(interrupts.line)
        _signal.pthread_sigmask(_signal.SIG_SETMASK, mask)
        return ["restored" if child else "frozen", 0, number, os.getpid()]

    def freeze(self):
        """Waits in the frozen process, and returns in each that goes on from it: its control line."""
        os.close(self.channel.descriptor)
        os.close(interrupts.line)
        while True:
            received = self.receive()
            if len(received) < 3:
                os._exit(0)  # the host is gone, or does not need the picture any more
            self.reap()
            try:
                if not self.fork():
                    break
            except OSError:
                pass  # the host sees the socket close
            for descriptor in received:
                os.close(descriptor)
        for new, old in zip(received[1:], (self.channel.descriptor, interrupts.line)):
            os.dup2(new, old, False)
            os.close(new)
        return received[:1]

    def fork(self):
        self.forking = True
        try:
            return os.fork()
        finally:
            self.forking = False

    def reap(self):
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except OSError:
            pass

    def receive(self):
        """The descriptors that come next on the control line; none at its end."""
        import _socket

        line = _socket.socket(fileno=self.control)
        try:
            _, words, _, _ = line.recvmsg(1, 256, 0x40000000)  # MSG_CMSG_CLOEXEC
        finally:
            line.detach()
        return [number for _, _, data in words for (number,) in struct.iter_unpack("i", data)]

    def obstacle(self):
        """Why no picture can be taken now, or None: what a fork does not copy is there."""
        if len(os.listdir("/proc/self/task")) > 1:
            return "other threads are running"
        if _signal.getitimer(_signal.ITIMER_REAL)[0]:
            return "a timer is set"
        try:
            os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return None
        return "the code has started processes that it has not waited for"


def file_places():
    """Where open files stand: processes share that, so it has to be put back."""
    places = []
    for name in os.listdir("/proc/self/fd"):
        try:
            descriptor = int(name)
            if descriptor > 2 and os.fstat(descriptor).st_mode & 0o170000 == 0o100000:
                places.append((descriptor, os.lseek(descriptor, 0, os.SEEK_CUR)))
        except OSError:
            pass
    return places


# Sub-calls.


def prompt_fields(prompt, where):
    """A prompt as fields: the number of messages, and role and content of each."""
    if isinstance(prompt, str):
        return ["1", "user", prompt]
    if not isinstance(prompt, (list, tuple)):
        raise TypeError(
            '%s must be a str or a list of {"role": ..., "content": ...} messages, not %s'
            % (where, type(prompt).__name__)
        )
    if not prompt:
        raise TypeError("%s is an empty list of messages" % where)
    fields = [len(prompt)]
    for message in prompt:
        if not isinstance(message, dict):
            raise TypeError(
                '%s holds a %s where a {"role": ..., "content": ...} message should be'
                % (where, type(message).__name__)
            )
        role, content = message.get("role"), message.get("content")
        if role not in ROLES or not isinstance(content, str):
            raise TypeError(
                '%s holds a message without a "role" (%s) or without a str "content"' % (where, ", ".join(ROLES))
            )
        fields += [role, content]
    return fields


def encoded(fields, where):
    """The fields of a prompt as bytes, and how many they are."""
    size = 0
    for at, field in enumerate(fields):
        # A text has at least as many bytes as characters, so that what is far too long is not encoded first.
        if type(field) is str and size + len(field) <= sizes.prompt:
            fields[at] = field = field.encode("utf-8", "replace")
        size += len(field) if isinstance(field, (str, bytes)) else 0
        if size > sizes.prompt:
            raise SubcallError(
                "too_long", "%s is too long: %d bytes or more, and at most %d can be sent; ask about a part of it; "
                "nothing was asked" % (where, size, sizes.prompt)
            )
    return fields, size


def ask(channel, kind, prompts, model, batch, function):
    """Has the host answer the prompts: pairs of an answer and an error, one of them None."""
    if model is not None and not isinstance(model, str):
        raise TypeError("%s: model must be a str or None, not %s" % (function, type(model).__name__))
    if os.getpid() != channel.process:
        raise RuntimeError("%s does not work in a forked process; use threads or a batch" % function)
    if len(prompts) > sizes.prompts:
        raise SubcallError(
            "too_many", "%s got %d prompts; at most %d go at once, so ask in several batches; nothing was asked"
            % (function, len(prompts), sizes.prompts)
        )
    fields, left = [], sizes.request
    for index, prompt in enumerate(prompts):
        where = "prompt %d of %s" % (index, function) if batch else "the prompt of " + function
        one, size = encoded(prompt_fields(prompt, where), where)
        left -= size
        fields += one
        if left < 0 or len(fields) > sizes.fields:
            raise SubcallError(
                "too_long", "the prompts of %s are too long together: at most %d bytes go at once, in at most %d "
                "messages; ask in several batches; nothing was asked" % (function, sizes.request, sizes.fields // 2)
            )
    number = channel.open()
    try:
        is_main = _thread.get_ident() == MAIN_THREAD
        head = ["ask", number, kind, int(batch), int(is_main), origin.block, int(model is not None), model or ""]
        channel.send(head + fields)
        frame = channel.wait(number)
    except BaseException:
        channel.drop(number)
        raise
    answers, errors, limit = [], [], None
    for at in range(2, len(frame), 3):
        what, first, second = frame[at], frame[at + 1].decode(), frame[at + 2].decode()
        answers.append(first if what == b"a" else None)
        errors.append(SubcallError(first, second) if what == b"f" else None)
        if what == b"l" and limit is None:
            limit = first
    if limit is not None:
        raise LimitReached(limit, answers)
    return answers, errors


def subcall_functions(channel):
    """The four functions that ask."""

    def single(kind, name, prompt, model):
        answers, errors = ask(channel, kind, [prompt], model, False, name)
        if errors[0] is not None:
            raise errors[0]
        return answers[0]

    def batched(kind, name, prompts, model):
        if isinstance(prompts, (str, bytes, dict)):
            raise TypeError("%s takes a list of prompts, not one %s" % (name, type(prompts).__name__))
        try:
            prompts = list(prompts)
        except TypeError:
            raise TypeError("%s takes a list of prompts, not %s" % (name, type(prompts).__name__)) from None
        if not prompts:
            return []
        answers, errors = ask(channel, kind, prompts, model, True, name)
        if any(error is not None for error in errors):
            raise BatchError(answers, errors)
        return answers

    def llm_query(prompt, model=None):
        """Asks a model once and returns its answer."""
        return single("llm", "llm_query", prompt, model)

    def llm_query_batched(prompts, model=None):
        """Asks a model for each prompt, at the same time, and returns the answers in their order."""
        return batched("llm", "llm_query_batched", prompts, model)

    def rlm_query(prompt, model=None):
        """Asks a recursive call, which has a REPL of its own, and returns its answer."""
        return single("rlm", "rlm_query", prompt, model)

    def rlm_query_batched(prompts, model=None):
        """Asks a recursive call for each prompt and returns the answers in their order."""
        return batched("rlm", "rlm_query_batched", prompts, model)

    return [llm_query, llm_query_batched, rlm_query, rlm_query_batched]


# Looking at variables without running any of their code.

mro_of = type.__dict__["__mro__"].__get__
name_of = type.__dict__["__name__"].__get__
SIZED = (str, bytes, bytearray, list, tuple, dict, set, frozenset, range)
PLAIN = (int, float, complex, bool, type(None))
MUTABLE = {list, dict, set, bytearray}
BASES = {base: base for base in SIZED + PLAIN}
ModuleType = type(sys)
FunctionType = type(lambda: 0)
TRUSTED = ("datetime", "decimal", "re", "uuid", "fractions")


def base_of(value):
    """The built-in type whose own methods can be called on it, or None."""
    kind = type(value)
    if kind in BASES:
        return BASES[kind]
    for base in mro_of(kind):
        if base is object:
            return None
        for known in SIZED:
            if base is known:
                return known
    return None


def some(value, base, count):
    """At most so many items of a container, spread over it where that is cheap; a dict's as pairs."""
    if not count or not base.__len__(value):
        return []
    if base is list or base is tuple:
        length = base.__len__(value)
        step = max(1, length // count)
        return [base.__getitem__(value, i) for i in range(0, length, step)][:count]
    iterator = dict.items(value) if base is dict else base.__iter__(value)
    taken = []
    for item in iterator:
        if len(taken) == count:
            break
        taken.append(item)
    return taken


def type_of(value, base):
    name = name_of(type(value))
    return "%s[%d]" % (name, base.__len__(value)) if base in SIZED and base not in (str, bytes) else name


def size_of(value, base, depth=3):
    """About how many bytes, from a sample of what it holds; None for what cannot be told."""
    if base is None:
        try:
            attributes = object.__getattribute__(value, "__dict__")
        except BaseException:
            attributes = None
        if type(attributes) is dict and depth:
            return object.__sizeof__(value) + size_of(attributes, dict, depth - 1)
        is_opaque = attributes is None and type(value).__sizeof__ is not object.__sizeof__
        return None if is_opaque else object.__sizeof__(value)
    total = base.__sizeof__(value)
    if depth and base in (list, tuple, dict, set, frozenset):
        length = base.__len__(value)
        sample = some(value, base, 30 if depth == 3 else 8)
        held = 0
        for item in sample:
            for part in item if base is dict else (item,):
                held += size_of(part, base_of(part), depth - 1) or 0
        if sample:
            total += held * length // len(sample)
    return total


def preview_of(value, base, room=PREVIEW, depth=4):
    """The beginning of its repr, at most `room` characters or a little more."""
    kind = type(value)
    if base is str or base is bytes or base is bytearray:
        text = base.__repr__(base.__getitem__(value, slice(0, room)))
        return text if base.__len__(value) <= room else text[:room]
    if base is int:
        bits = int.bit_length(value)
        return int.__repr__(value) if bits < 4000 else "<int of %d bits>" % bits
    if base is range or base in PLAIN:
        return base.__repr__(value)
    if base is None:
        return plain_preview(value, kind)
    start, end = {list: "[]", tuple: "()", dict: "{}", set: "{}", frozenset: "{}"}[base]
    if base.__len__(value) == 0 and base in (set, frozenset):
        return name_of(kind) + "()"
    if kind is not base or base is frozenset:
        start, end = name_of(kind) + "(" + start, end + ")"
    if not depth:
        return start + "..." + end
    parts, used = [], len(start)
    items = dict.items(value) if base is dict else base.__iter__(value)
    for item in items:
        if used >= room:
            break
        left = room - used
        if base is dict:
            text = preview_of(item[0], base_of(item[0]), left, depth - 1)
            text += ": " + preview_of(item[1], base_of(item[1]), max(0, left - len(text)), depth - 1)
        else:
            text = preview_of(item, base_of(item), left, depth - 1)
        parts.append(text)
        used += len(text) + 2
    if base is tuple and tuple.__len__(value) == 1:
        end = "," + end
    return start + ", ".join(parts) + end


def plain_preview(value, kind):
    if kind is FunctionType:
        code = value.__code__
        return "<function %s(%s)>" % (code.co_name, ", ".join(code.co_varnames[: code.co_argcount]))
    if any(base is type for base in mro_of(kind)):
        return "<class %s>" % name_of(value)
    for module in TRUSTED:
        if module in sys.modules and vars(sys.modules[module]).get(name_of(kind)) is kind:
            return kind.__repr__(value)
    return "<%s object>" % name_of(kind)


def fingerprint(value, budget, depth=2):
    """Something that is equal as long as the value has not changed, as far as a cheap look can tell."""
    base = base_of(value)
    budget[0] -= 1
    if base is str or base is bytes or base is bytearray:
        length = base.__len__(value)
        if length <= 4096:
            return hash(bytes(value) if base is bytearray else base.__str__(value) if base is str else bytes(value))
        cut = [base.__getitem__(value, slice(at, at + 512)) for at in (0, length // 3, length // 2, length - 512)]
        return (length, hash(tuple(map(bytes, cut) if base is bytearray else cut)))
    if base in PLAIN:
        return base.__repr__(value) if base is not int or int.bit_length(value) < 256 else id(value)
    if base is None:
        try:
            attributes = object.__getattribute__(value, "__dict__")
        except BaseException:
            attributes = None
        if type(attributes) is dict and depth and type(value) is not ModuleType:
            return (id(value), fingerprint(attributes, budget, depth - 1))
        return id(value)
    if base is range:
        return range.__repr__(value)
    length = base.__len__(value)
    if not depth or budget[0] <= 0:
        return (id(value), length)
    count = min(length, max(16, min(budget[0], 20_000)))
    items = some(value, base, count)
    if base is dict:
        items = [part for pair in items for part in pair]
    budget[0] -= len(items)
    # What cannot change is told by its identity; what can is looked into, the first few hundred of them.
    inner = [fingerprint(item, budget, depth - 1) for item in items[:400] if type(item) in MUTABLE]
    return (id(value), length, hash(tuple(map(id, items))), tuple(inner))


class Namespace:
    """The variables of user code, with the REPL's own names among them."""

    def __init__(self):
        self.module = ModuleType("__main__")
        sys.modules["__main__"] = self.module
        self.names = self.module.__dict__
        self.names["__builtins__"] = builtins
        self.reserved = {}
        self.seen = {}

    def reserve(self, name, value):
        self.reserved[name] = self.names[name] = value

    def restore(self):
        for name, value in self.reserved.items():
            self.names[name] = value

    def own(self):
        """What user code made: pairs of name and value, in order of first assignment."""
        return [
            (name, value)
            for name, value in list(self.names.items())
            if type(name) is str
            and name not in self.reserved
            and not (name.startswith("__") and name.endswith("__"))
            and type(value) is not ModuleType
        ]

    def listing(self):
        """Five fields a variable: name, type, bytes or nothing, preview, whether it changed."""
        fields, seen = [], {}
        budget = [200_000]
        enough = time.monotonic() + 0.1
        for name, value in self.own()[:VARIABLES]:
            base = base_of(value)
            mark, size, preview = id(value), None, ""
            if time.monotonic() < enough:
                # A value that cannot be looked at is listed all the same: it is no fault of the block that made it.
                try:
                    mark, size = fingerprint(value, budget), size_of(value, base)
                    preview = preview_of(value, base)[:PREVIEW]
                except Exception:
                    pass
            mark = (type(value), mark)
            changed = name not in self.seen or self.seen[name] != mark
            seen[name] = mark
            fields += [name[:NAME], type_of(value, base)[:NAME], "" if size is None else size, preview, int(changed)]
        self.seen = seen
        return fields


# Running a block.


def short(text, limit):
    return text if len(text) <= limit else text[:limit] + "…"


def message_of(error):
    try:
        return short(str(error), MESSAGE)
    except Exception:
        return "(its message cannot be shown: __str__ raised)"


def traceback_of(error):
    """The traceback with frames of user code alone."""
    import traceback

    if isinstance(error, RecursionError):
        told = traceback.TracebackException(type(error), error, error.__traceback__, limit=60)
    else:
        told = traceback.TracebackException(type(error), error, error.__traceback__)
    home = os.getcwd() if os.path.isdir(".") else "/nowhere"
    todo, known = [told], set()
    while todo:
        one = todo.pop()
        if one is None or id(one) in known:
            continue
        known.add(id(one))
        one.stack[:] = [frame for frame in one.stack if frame.filename.startswith(("<block ", home + "/"))]
        todo += [one.__cause__, one.__context__] + list(getattr(one, "exceptions", None) or [])
    return "".join(told.format())


def echo(value):
    """Shows the value of a last bare expression, as an interactive Python does, but never hundreds of megabytes."""
    if value is None:
        return
    builtins._ = value
    if type(value) in (str, bytes) and len(value) > ECHO:
        print(repr(value[:ECHO]), "… (the first %d of %d)" % (ECHO, len(value)))
    else:
        print(repr(value))


def no_input(prompt=""):
    raise EOFError("input() is not available here: nobody is at the keyboard; use the variables and llm_query")


class REPL:
    """The main loop."""

    def __init__(self, channel, checkpoints):
        self.channel = channel
        self.checkpoints = checkpoints
        self.namespace = Namespace()
        self.answer = {"content": "", "ready": False}
        self.final = None
        self.streams = (sys.stdin, sys.stdout, sys.stderr)
        self.outputs = [fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, FIRST_PRIVATE_DESCRIPTOR) for fd in (1, 2)]
        self.sources = []  # names and texts of blocks that linecache has not been told of

    def install(self, contexts, history):
        reserve = self.namespace.reserve
        for name, value in contexts:
            reserve(name, value)
            reserve("context", value)
        if not contexts:
            reserve("context", "")
        reserve("history", history)
        reserve("answer", self.answer)
        for function in subcall_functions(self.channel) + [self.SHOW_VARS, self.FINAL, self.FINAL_VAR]:
            reserve(function.__name__, function)
        for failure in (SubcallError, BatchError, LimitReached):
            reserve(failure.__name__, failure)

    def SHOW_VARS(self):
        """The variables there are, a line each: name, type and beginning."""
        lines = []
        for name, value in self.namespace.own():
            base = base_of(value)
            lines.append("%s: %s = %s" % (name, type_of(value, base), preview_of(value, base, 80)[:80]))
        return Listing("\n".join(lines) if lines else "No variables yet.")

    def FINAL(self, value):
        """Gives the final answer, which counts if this block ends without an exception."""
        self.final = sizes.checked_answer(value)

    def FINAL_VAR(self, name):
        """Gives the value of the variable of that name as the final answer."""
        if not isinstance(name, str):
            raise TypeError('FINAL_VAR takes the name of a variable, as in FINAL_VAR("result"); for a value use FINAL')
        name = name.strip().strip("\"'")
        if name not in self.namespace.names:
            there = ", ".join(name for name, _ in self.namespace.own()) or "none yet"
            raise NameError("FINAL_VAR: there is no variable %r; variables: %s" % (name, there))
        self.final = sizes.checked_answer(self.namespace.names[name])

    def loop(self):
        while True:
            kind, _, number, *rest = self.channel.wait(0)
            if kind == b"checkpoint":
                self.channel.send(self.checkpoints.take(int(number)))
                continue
            fields = self.perform(int(number), rest[0].decode(), int(rest[1]))
            if os.getpid() != self.channel.process:
                os._exit(0)  # a child that user code forked and let run out of the block
            self.channel.send(fields)

    def perform(self, number, source, position):
        """Runs a block and returns the fields that tell the host what came of it.

        The number is the host's own for this block, the position is which block it is for the code.
        """
        outcome, final, listing = ["raised", "KeyboardInterrupt", ""], None, []
        unfinished = ""
        interrupts.install()
        interrupts.pending = False
        self.final = None
        interrupts.block = number
        origin.block = position
        try:
            try:
                self.execute(position, source)
                final = self.final_answer()
                outcome = ["clean", "", ""]
            except BaseException as error:
                outcome = self.outcome_of(error)
            self.namespace.restore()
            if final is None:
                unfinished = self.unfinished_answer()
            listing = self.namespace.listing()
        except BaseException as error:  # raised while looking at what user code left behind
            if outcome[0] == "clean":
                outcome = ["raised", name_of(type(error)), "raised while the variables were listed"]
            final, listing = None, []
        interrupts.block = 0
        self.namespace.restore()
        self.restore_streams()
        if final is not None:
            self.answer.clear()
            self.answer.update({"content": "", "ready": False})
        return ["done", number] + outcome + [int(final is not None), unfinished if final is None else final] + listing

    def execute(self, position, source):
        name = "<block %d>" % position
        self.sources.append((name, source))
        if "linecache" in sys.modules:
            self.remember()
        tree = compile(source, name, "exec", 0x400, True)  # 0x400: PyCF_ONLY_AST
        last = None
        if tree.body and type(tree.body[-1]).__name__ == "Expr":
            import _ast

            last = compile(_ast.Interactive(body=[tree.body.pop()]), name, "single", 0, True)
        first = compile(tree, name, "exec", 0, True) if tree.body else None
        tree = None
        if first is not None:
            exec(first, self.namespace.names)
        if last is not None:
            sys.displayhook = echo
            exec(last, self.namespace.names)

    def remember(self):
        """Lets tracebacks, and `inspect`, show the lines of blocks."""
        import linecache

        for name, source in self.sources:
            # No time of change: linecache then takes it for good.
            linecache.cache[name] = (len(source), None, source.splitlines(True), name)
        self.sources = []

    def final_answer(self):
        answer = self.namespace.names.get("answer")
        if self.final is not None:
            return self.final
        if base_of(answer) is dict and dict.get(answer, "ready"):
            # Taken back first: what cannot be given would otherwise fail in each block from here on.
            dict.__setitem__(answer, "ready", False)
            return sizes.checked_answer(dict.get(answer, "content", ""))
        if answer is not self.answer and base_of(answer) is dict:
            self.answer.update(answer)
        return None

    def unfinished_answer(self):
        """What was put into the answer without saying that it is ready; only plain text, so that no user code runs."""
        content = dict.get(self.answer, "content", "")
        return content[: sizes.answer // 4] if type(content) is str else ""

    def outcome_of(self, error):
        kind = name_of(type(error))[:NAME]
        if isinstance(error, LimitReached):
            return ["limit", kind, message_of(error)]
        if isinstance(error, SystemExit):
            code = error.code
            if code is not None and not isinstance(code, int):
                print(message_of(error), file=sys.__stderr__)
            return ["raised", kind, "the block left by sys.exit(%s); the REPL goes on" % ("" if code is None else code)]
        try:
            self.remember()
            told = traceback_of(error)
        except Exception:
            told = "%s: %s\n" % (kind, message_of(error))
        error.__traceback__ = None  # frees what the frames of the block hold
        sys.__stderr__.write(told)
        if isinstance(error, SyntaxError):
            return ["raised", kind, short("%s (line %s)" % (error.msg, error.lineno), MESSAGE)]
        return ["raised", kind, message_of(error)]

    def restore_streams(self):
        for stream in (sys.stdout, sys.stderr) + self.streams[1:]:
            try:
                stream.flush()
            except Exception:
                pass
        for number, output in enumerate(self.outputs, 1):
            try:
                os.dup2(output, number)
            except OSError:
                pass
        sys.stdin, sys.stdout, sys.stderr = self.streams
        sys.__stdin__, sys.__stdout__, sys.__stderr__ = self.streams
        builtins.input = no_input


# Starting.


def load(path, kind, parts):
    """A context from its file: text, lines, json, jsonl, or files by their byte ranges."""
    import mmap

    with open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        data = mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ) if size else b""
    try:
        if kind == "files":
            # A slice of a map is a copy, of one file at a time.
            return {path: str(data[start:end], "utf-8", "replace") for path, start, end in parts}
        text = str(data, "utf-8", "replace")
    finally:
        if size:
            data.close()
    if kind == "text":
        return text
    if kind == "lines":
        lines = text.split("\n")
        if lines[-1] == "":
            lines.pop()
        return [line[:-1] if line[-1:] == "\r" else line for line in lines] if "\r" in text else lines
    import json

    if kind == "json":
        return json.loads(text[1:] if text[:1] == "\ufeff" else text)
    values = []
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                values.append(json.loads(line))
            except ValueError as error:
                raise ValueError("line %d: %s" % (number, error)) from None
    return values


def limit(memory, processes, file_size, cpu):
    """Hard limits: what starts from here on cannot raise them."""
    for what, value in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_NPROC, processes),
        (resource.RLIMIT_FSIZE, file_size),
        (resource.RLIMIT_CPU, cpu),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
    ):
        hard = resource.getrlimit(what)[1]
        if value >= 0:
            value = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(what, (value, value))


def adopt():
    """Makes processes that lose their parent this one's children, so that the host finds them at the end."""
    try:
        import ctypes

        ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER
    except Exception:
        pass  # then the host knows those of the session, and those that it saw in time


def start():
    descriptor = fcntl.fcntl(3, fcntl.F_DUPFD_CLOEXEC, FIRST_PRIVATE_DESCRIPTOR)
    line = fcntl.fcntl(4, fcntl.F_DUPFD_CLOEXEC, FIRST_PRIVATE_DESCRIPTOR)
    control = fcntl.fcntl(5, fcntl.F_DUPFD_CLOEXEC, FIRST_PRIVATE_DESCRIPTOR)
    os.closerange(3, FIRST_PRIVATE_DESCRIPTOR)
    channel = Channel(descriptor)
    interrupts.listen(line)
    checkpoints = Checkpoints(channel, control)
    fields = channel.read()
    channel.token = fields[2]
    adopts, memory, processes, file_size, cpu, seed, *most, count = map(int, fields[3:15])
    global sizes
    sizes = Sizes(*most)
    if adopts:
        adopt()
    # The host goes first: it watches what is started here.
    os.nice(5)
    contexts, at = [], 15
    try:
        limit(memory, processes, file_size, cpu)
        for _ in range(count):
            name, path, kind = (field.decode() for field in fields[at : at + 3])
            parts = []
            for part in range(int(fields[at + 3])):
                part = at + 4 + 3 * part
                parts.append((fields[part].decode(), int(fields[part + 1]), int(fields[part + 2])))
            at += 4 + 3 * len(parts)
            try:
                contexts.append((name, load(path, kind, parts)))
            except (MemoryError, OSError, ValueError, RecursionError) as error:
                if isinstance(error, MemoryError) or getattr(error, "errno", None) == 12:  # ENOMEM
                    raise OSError("%s does not fit into the REPL's memory of %d bytes" % (name, memory)) from None
                raise OSError("%s cannot be read as %s: %s" % (name, kind, message_of(error))) from None
        history = fields[at:]
        if history:
            import json

            history = [json.loads(turn) for turn in history]
    except Exception as error:
        channel.send(["failed", 0, message_of(error)])
        os._exit(81)
    # A pipe is block-buffered by itself; by lines, what was printed before a crash is not lost.
    sys.stdout.reconfigure(line_buffering=True, errors="backslashreplace")
    sys.stderr.reconfigure(line_buffering=True, errors="backslashreplace")
    sys.argv = [""]
    builtins.input = no_input
    repl = REPL(channel, checkpoints)
    repl.install(contexts, history)
    follow_threads()
    RandomSeed(seed).apply()
    channel.send(["ready", 0, "%d.%d.%d" % sys.version_info[:3]])
    repl.loop()


start()

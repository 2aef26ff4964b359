// Test code only: runs realm-core's own transformer on pairs of changeset sequences, for comparison with ours.
//
// Standard input and output carry length-prefixed records, all integers little-endian:
//   record    := u32 size, body
//   request   := u8 shared-strings, sequence (ours), sequence (theirs)
//   sequence  := u32 count, changeset...
//   changeset := u64 version, u64 last integrated, u64 timestamp, u64 file ident, u32 size, bytes
//   response  := u8 status, then if status is 0: result... (ours), result... (theirs)
//                or if it is not: u32 size, message
//   result    := u8 dirty, u32 size, bytes
//   status    := 0 merged, 1 schema mismatch, 2 transform error, 3 unreadable changeset, 4 any other exception
//
// shared-strings = 1 lets all changesets of a request share one string buffer and one intern table. realm-core
// compares the members of two set erasures by buffer position instead of content; with shared strings the two are
// the same. Nothing else in the transformer depends on where a string lies.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include <realm/object-store/util/bson/bson.hpp>
#include <realm/sync/changeset.hpp>
#include <realm/sync/changeset_encoder.hpp>
#include <realm/sync/changeset_parser.hpp>
#include <realm/sync/transform.hpp>

// Part of the object store, which is not linked because it wants an event loop. The sync client refers to it where
// it names a partition; nothing here does.
std::string realm::bson::Bson::to_string() const
{
    std::abort();
}

namespace sync = realm::sync;
using Instruction = sync::Instruction;

namespace {

class OpenTransformer : public realm::_impl::TransformerImpl {
public:
    using realm::_impl::TransformerImpl::merge_changesets;
};

class Reader {
public:
    explicit Reader(const std::string& data)
        : m_at(data.data())
        , m_end(data.data() + data.size())
    {
    }

    template <class T>
    T number()
    {
        T value;
        std::memcpy(&value, take(sizeof(T)), sizeof(T));
        return value;
    }

    const char* take(size_t size)
    {
        if (size > size_t(m_end - m_at))
            throw std::logic_error("truncated request");
        const char* start = m_at;
        m_at += size;
        return start;
    }

private:
    const char* m_at;
    const char* m_end;
};

template <class T>
void put(std::string& out, T value)
{
    out.append(reinterpret_cast<const char*>(&value), sizeof(T));
}

std::vector<sync::Changeset> read_sequence(Reader& in)
{
    std::vector<sync::Changeset> sequence(in.number<uint32_t>());
    size_t position = 0;
    for (auto& changeset : sequence) {
        changeset.version = in.number<uint64_t>();
        changeset.last_integrated_remote_version = in.number<uint64_t>();
        changeset.origin_timestamp = in.number<uint64_t>();
        changeset.origin_file_ident = in.number<uint64_t>();
        changeset.transform_sequence = position++;
        auto size = in.number<uint32_t>();
        auto bytes = in.take(size);
        realm::util::SimpleInputStream stream({bytes, size});
        sync::parse_changeset(stream, changeset);
    }
    return sequence;
}

// Moves the strings of several changesets to common places.
class StringPool {
public:
    void move_in(sync::Changeset& changeset)
    {
        for (auto element : changeset) {
            element->visit([&](auto& instruction) {
                rewrite(changeset, instruction);
            });
        }
    }

    void hand_out(sync::Changeset& changeset) const
    {
        changeset.string_buffer() = m_buffer;
        changeset.interned_strings() = m_interned;
    }

private:
    std::string m_buffer;
    sync::InternStrings m_interned;
    std::map<std::string, sync::StringBufferRange> m_ranges;
    std::map<std::string, sync::InternString> m_interned_by_text;

    sync::StringBufferRange range_of(realm::StringData text)
    {
        std::string key(text.data(), text.size());
        auto found = m_ranges.find(key);
        if (found == m_ranges.end()) {
            sync::StringBufferRange range{uint32_t(m_buffer.size()), uint32_t(key.size())};
            // A byte in between keeps the ranges of an empty and of a following string apart.
            m_buffer += key + '.';
            found = m_ranges.emplace(key, range).first;
        }
        return found->second;
    }

    void intern(const sync::Changeset& from, sync::InternString& string)
    {
        auto text = from.get_string(string);
        std::string key(text.data(), text.size());
        auto found = m_interned_by_text.find(key);
        if (found == m_interned_by_text.end()) {
            m_interned.push_back(range_of(text));
            found = m_interned_by_text.emplace(key, sync::InternString(uint32_t(m_interned.size() - 1))).first;
        }
        string = found->second;
    }

    void key(const sync::Changeset& from, Instruction::PrimaryKey& pk)
    {
        if (auto text = mpark::get_if<sync::InternString>(&pk))
            intern(from, *text);
    }

    void payload(const sync::Changeset& from, Instruction::Payload& value)
    {
        using Type = Instruction::Payload::Type;
        if (value.type == Type::String) {
            value.data.str = range_of(from.get_string(value.data.str));
        }
        else if (value.type == Type::Binary) {
            value.data.binary = range_of(from.get_string(value.data.binary));
        }
        else if (value.type == Type::Link) {
            intern(from, value.data.link.target_table);
            key(from, value.data.link.target);
        }
    }

    template <class T>
    void rewrite(const sync::Changeset& from, T& instruction)
    {
        intern(from, instruction.table);
        if constexpr (std::is_base_of_v<Instruction::ObjectInstruction, T>)
            key(from, instruction.object);
        if constexpr (std::is_base_of_v<Instruction::PathInstruction, T>) {
            intern(from, instruction.field);
            for (auto& element : instruction.path.m_path) {
                if (auto name = mpark::get_if<sync::InternString>(&element))
                    intern(from, *name);
            }
        }
        if constexpr (std::is_same_v<T, Instruction::AddTable>) {
            if (auto spec = mpark::get_if<Instruction::AddTable::TopLevelTable>(&instruction.type))
                intern(from, spec->pk_field);
        }
        if constexpr (std::is_same_v<T, Instruction::AddColumn>) {
            intern(from, instruction.field);
            if (instruction.type == Instruction::Payload::Type::Link)
                intern(from, instruction.link_target_table);
        }
        if constexpr (std::is_same_v<T, Instruction::EraseColumn>)
            intern(from, instruction.field);
        if constexpr (std::is_same_v<T, Instruction::Update> || std::is_same_v<T, Instruction::ArrayInsert> ||
                      std::is_same_v<T, Instruction::SetInsert> || std::is_same_v<T, Instruction::SetErase>)
            payload(from, instruction.value);
    }
};

void put_sequence(std::string& out, const std::vector<sync::Changeset>& sequence)
{
    for (const auto& changeset : sequence) {
        sync::ChangesetEncoder::Buffer encoded;
        sync::encode_changeset(changeset, encoded);
        put<uint8_t>(out, changeset.is_dirty());
        put<uint32_t>(out, uint32_t(encoded.size()));
        out.append(encoded.data(), encoded.size());
    }
}

std::string failure(uint8_t status, const std::exception& exception)
{
    std::string message = exception.what();
    std::string out;
    put(out, status);
    put<uint32_t>(out, uint32_t(message.size()));
    return out + message;
}

std::string answer(const std::string& request)
{
    try {
        Reader in(request);
        bool shared_strings = in.number<uint8_t>() != 0;
        auto ours = read_sequence(in);
        auto theirs = read_sequence(in);
        if (shared_strings) {
            StringPool pool;
            for (auto* sequence : {&ours, &theirs})
                for (auto& changeset : *sequence)
                    pool.move_in(changeset);
            for (auto* sequence : {&ours, &theirs})
                for (auto& changeset : *sequence)
                    pool.hand_out(changeset);
        }
        std::vector<sync::Changeset*> our_pointers;
        for (auto& changeset : ours)
            our_pointers.push_back(&changeset);

        OpenTransformer transformer;
        transformer.merge_changesets(1, theirs.data(), theirs.size(), our_pointers.data(), our_pointers.size(),
                                     nullptr);

        std::string out;
        put<uint8_t>(out, 0);
        put_sequence(out, ours);
        put_sequence(out, theirs);
        return out;
    }
    catch (const sync::SchemaMismatchError& e) {
        return failure(1, e);
    }
    catch (const sync::TransformError& e) {
        return failure(2, e);
    }
    catch (const sync::BadChangesetError& e) {
        return failure(3, e);
    }
    catch (const std::exception& e) {
        return failure(4, e);
    }
}

} // namespace

int main()
{
    uint32_t size;
    std::string request;
    while (std::fread(&size, sizeof size, 1, stdin) == 1) {
        request.resize(size);
        if (std::fread(&request[0], 1, size, stdin) != size)
            return 1;
        auto response = answer(request);
        auto response_size = uint32_t(response.size());
        if (std::fwrite(&response_size, sizeof response_size, 1, stdout) != 1 ||
            std::fwrite(response.data(), 1, response.size(), stdout) != response.size())
            return 1;
        std::fflush(stdout);
    }
    return 0;
}

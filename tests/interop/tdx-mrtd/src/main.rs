//! Prints MRTD of each firmware image named, one a line, or `failed: …`.

use igvm::measurement::generate_tdx_measurement;
use igvm::IgvmDirectiveHeader;
use igvm_defs::{IgvmPageDataFlags, IgvmPageDataType};
use scroll::Pread;
use td_shim_interface::metadata::{
    validate_sections, TdxMetadataDescriptor, TdxMetadataGuid, TdxMetadataSection,
    TDX_METADATA_ATTRIBUTES_EXTENDMR, TDX_METADATA_DESCRIPTOR_LEN, TDX_METADATA_GUID_LEN,
    TDX_METADATA_SECTION_LEN, TDX_METADATA_SECTION_TYPE_PERM_MEM,
};

const PAGE: usize = 4096;
const MASK: u32 = 1;

fn main() {
    for path in std::env::args().skip(1) {
        match std::fs::read(&path).map_err(|error| error.to_string()).and_then(|image| mrtd(&image)) {
            Ok(digest) => println!("{}", digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>()),
            Err(error) => println!("failed: {error}"),
        }
    }
}

fn mrtd(image: &[u8]) -> Result<[u8; 48], String> {
    let mut pages = Vec::new();
    for section in sections(image)? {
        if section.r#type == TDX_METADATA_SECTION_TYPE_PERM_MEM {
            continue;
        }
        let start = section.data_offset as usize;
        let content = image
            .get(start..start + section.raw_data_size as usize)
            .ok_or("content is not inside of the image")?;
        let extends = section.attributes & TDX_METADATA_ATTRIBUTES_EXTENDMR != 0;
        for offset in (0..section.memory_data_size as usize).step_by(PAGE) {
            let end = (offset + PAGE).min(content.len());
            pages.push(IgvmDirectiveHeader::PageData {
                gpa: section.memory_address + offset as u64,
                compatibility_mask: MASK,
                flags: IgvmPageDataFlags::new().with_unmeasured(!extends),
                data_type: IgvmPageDataType::NORMAL,
                data: content.get(offset..end).unwrap_or_default().to_vec(),
            });
        }
    }
    generate_tdx_measurement(&pages, MASK).map_err(|error| error.to_string())
}

/// The GUID stands in front of the list that the table of the image leads to; searching for it needs no table.
fn sections(image: &[u8]) -> Result<Vec<TdxMetadataSection>, String> {
    let guid_length = TDX_METADATA_GUID_LEN as usize;
    for start in 0..image.len() - guid_length - TDX_METADATA_DESCRIPTOR_LEN as usize {
        let guid = image[start..start + guid_length].try_into().map_err(|_| "no GUID")?;
        if !TdxMetadataGuid::from_bytes(guid).is_some_and(|found| found.is_valid()) {
            continue;
        }
        let mut at = start + guid_length;
        let descriptor: TdxMetadataDescriptor = image.pread(at).map_err(|error| format!("{error:?}"))?;
        if !descriptor.is_valid() {
            continue;
        }
        at += TDX_METADATA_DESCRIPTOR_LEN as usize;
        let mut found = Vec::new();
        for _ in 0..descriptor.number_of_section_entry {
            found.push(image.pread(at).map_err(|error| format!("{error:?}"))?);
            at += TDX_METADATA_SECTION_LEN as usize;
        }
        validate_sections(&found).map_err(|error| format!("{error:?}"))?;
        return Ok(found);
    }
    Err("no TDX metadata".to_string())
}
